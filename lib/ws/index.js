// @ts-nocheck TypeScript takes no static properties on a class of another file.
'use strict'

/** The server side of the `ws` package, without Vite; the exports have its shape. */

const createWebSocketStream = require('./stream.js')
const WebSocket = require('./websocket.js')
const WebSocketServer = require('./websocket-server.js')

module.exports = WebSocket
module.exports.createWebSocketStream = createWebSocketStream
module.exports.Server = WebSocketServer
module.exports.WebSocket = WebSocket
module.exports.WebSocketServer = WebSocketServer
