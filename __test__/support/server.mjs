// This package's WebSocket server on an HTTP server, without Vite.
import http from 'node:http'
import { createRequire } from 'node:module'
import { within } from './deadline.mjs'
import { listen } from './port.mjs'

const require = createRequire(import.meta.url)

/** The package itself. */
export const entry = require('../../lib/index.js')

/**
 * The ways in which a connection can travel; every behaviour must be the same on them. `transport`
 * is the option that asks for it, `counted` its name in `stats()`. On Windows a socket has no file
 * descriptor to take over.
 */
export const TRANSPORTS = [
  ...(process.platform === 'win32' ? [] : [{ transport: 'auto', counted: 'adopted' }]),
  { transport: 'bridge', counted: 'bridged' },
]

/**
 * An HTTP server with our WebSocket server on it.
 *
 * @param {{ after(end: () => unknown): void } | undefined} t Closes both after its test
 * @param {object} [given] The arguments of `createWebSocketServer`, by name
 */
export async function serve(t, { config = {}, options, server = http.createServer(), https } = {}) {
  const ws = entry.createWebSocketServer(server, config, https, options)
  const port = await listen(server)
  let isClosed = false
  const close = async () => {
    if (isClosed) return
    isClosed = true
    await within(ws.close(), 'closing the WebSocket server')
    server.closeAllConnections?.()
    await within(new Promise((resolve) => server.close(resolve)), 'closing the HTTP server')
  }
  t?.after(close)
  return { ws, server, port, close }
}
