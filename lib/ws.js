'use strict'

/** The server side of the `ws` package, without Vite. */

const WebSocket = require('./websocket.js')
const WebSocketServer = require('./websocket-server.js')

exports.WebSocket = WebSocket
exports.WebSocketServer = WebSocketServer
exports.Server = WebSocketServer
