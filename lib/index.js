'use strict'

const { createWebSocketServer } = require('./vite/server.js')
const { nativeWs } = require('./vite/plugin.js')

Object.defineProperty(exports, '__esModule', { value: true })
exports.default = nativeWs
exports.nativeWs = nativeWs
exports.createWebSocketServer = createWebSocketServer
