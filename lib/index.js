'use strict'

const { createWebSocketServer } = require('./server.js')
const { nativeWs } = require('./plugin.js')

Object.defineProperty(exports, '__esModule', { value: true })
exports.default = nativeWs
exports.nativeWs = nativeWs
exports.createWebSocketServer = createWebSocketServer
