// Whose server class the packages get: what they ask for as `ws` is ours, or the real one.

// Whose server class the packages get: what they ask for as `ws` is ours, or the real one.
import Module, { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** `ws`, `adopted` or `bridged`. */
export const IMPLEMENTATION = process.env.NEIGHBOURS_IMPLEMENTATION ?? 'adopted'

const ours = require.resolve('../../lib/ws/index.js')
const resolveFilename = Module._resolveFilename

if (IMPLEMENTATION === 'bridged') process.env.VITE_NATIVE_WS_TRANSPORT = 'bridge'

/** The class of servers. */
export const { WebSocketServer } = require(IMPLEMENTATION === 'ws' ? 'ws' : ours)

/** Clients are always those of `ws`. */
export const WebSocket = require('ws')

/** A package whose `require('ws')` gets the class above. */
export function load(name) {
  if (IMPLEMENTATION === 'ws') return require(name)
  Module._resolveFilename = function (request, ...rest) {
    return request === 'ws' ? ours : Reflect.apply(resolveFilename, this, [request, ...rest])
  }
  try {
    return require(name)
  } finally {
    Module._resolveFilename = resolveFilename
  }
}

/** Whose a socket is, and on which road. */
export function transportOf(socket) {
  return socket._connection?.transport ?? 'ws'
}

/** The same of all connections of a server. */
export function watchTransports(server) {
  const seen = new Set()
  server.on('connection', (socket) => seen.add(transportOf(socket)))
  return seen
}
