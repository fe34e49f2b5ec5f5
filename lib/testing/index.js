'use strict'

const { once } = require('node:events')
const http = require('node:http')
const { createWebSocketServer } = require('../vite/server.js')
const { connectTestClient, TestClient } = require('./client.js')

/**
 * A server of this package on a free port. Documented in `testing.d.ts`.
 *
 * @param {import('../options.js').NativeWsOptions & { config?: object }} [options]
 */
async function startTestServer({ config = {}, ...options } = {}) {
  const httpServer = http.createServer()
  const ws = createWebSocketServer(httpServer, config, undefined, options)
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (httpServer.address())
  /** @type {Set<TestClient>} */
  const clients = new Set()
  /** @type {Promise<void> | undefined} */
  let closing

  async function end() {
    await Promise.all([...clients].map((client) => client.terminate()))
    await ws.close()
    httpServer.closeAllConnections()
    await new Promise((resolve) => httpServer.close(resolve))
  }

  const server = {
    url: `ws://127.0.0.1:${port}${/** @type {any} */ (config).base ?? '/'}`,
    ws,
    httpServer,
    /** @param {Parameters<typeof connectTestClient>[1]} [clientOptions] */
    async connect(clientOptions) {
      const client = await connectTestClient(server.url, clientOptions)
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

/**
 * For `await using`, where the runtime has it: a vm context of Node 20 lacks the symbol.
 *
 * @template {object} T
 * @param {T} target
 * @param {(this: T) => Promise<any>} dispose
 * @returns {T}
 */
function disposable(target, dispose) {
  const { asyncDispose } = Symbol
  if (asyncDispose) Object.defineProperty(target, asyncDispose, { value: dispose })
  return target
}

disposable(TestClient.prototype, async function () {
  await this.close()
})

Object.defineProperty(exports, '__esModule', { value: true })
/** @type {typeof import('../../testing.js').connectTestClient} */
exports.connectTestClient = /** @type {any} */ (connectTestClient)
/** @type {typeof import('../../testing.js').startTestServer} */
exports.startTestServer = startTestServer
