'use strict'

const { once } = require('node:events')
const http = require('node:http')
const { createWebSocketServer } = require('../vite/server.js')
const { CallSite } = require('./call-site.js')
const { connectTestClient, connectFrom } = require('./client.js')
const { disposable } = require('./disposable.js')

/**
 * A server of this package on a free port. Documented in `testing.d.ts`.
 *
 * @param {import('../options.js').NativeWsOptions & { config?: object }} [options]
 */
async function startTestServer({ config = {}, ...options } = {}) {
  const httpServer = http.createServer()
  const ws = createWebSocketServer(httpServer, config, undefined, options)
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  httpServer.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (httpServer.address())
  /** @type {Set<import('./client.js').TestClient>} */
  const clients = new Set()
  /** @type {Promise<void> | undefined} */
  let closing

  async function end() {
    await Promise.all([...clients].map((client) => client.terminate()))
    await ws.close()
    // An upgrade that nobody answered is none of the connections that it knows.
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => httpServer.close(resolve))
  }

  const server = {
    url: `ws://127.0.0.1:${port}${/** @type {any} */ (config).base ?? '/'}`,
    ws,
    httpServer,
    /** @param {Parameters<typeof connectTestClient>[1]} [clientOptions] */
    async connect(clientOptions) {
      const client = await connectFrom(new CallSite(server.connect), server.url, clientOptions)
      clients.add(client)
      client.closed.then(() => clients.delete(client))
      return client
    },
    close() {
      closing ??= end()
      return closing
    },
  }
  return disposable(server, () => server.close())
}

Object.defineProperty(exports, '__esModule', { value: true })
/** @type {typeof import('../../testing.js').connectTestClient} */
exports.connectTestClient = /** @type {any} */ (connectTestClient)
/** @type {typeof import('../../testing.js').startTestServer} */
exports.startTestServer = startTestServer
