'use strict'

const { randomBytes } = require('node:crypto')
const http = require('node:http')
const https = require('node:https')
const { URL } = require('node:url')
const { codedError } = require('../errors.js')
const { CallSite } = require('./call-site.js')
const { disposable } = require('./disposable.js')
const { Decoder, encode, OPCODE } = require('./frame.js')
const { Mailbox } = require('./mailbox.js')

const CONNECT_TIMEOUT_MS = 4000

/** A client of a test, over a real socket. Documented in `testing.d.ts`. */
class TestClient {
  /**
   * @param {import('node:stream').Duplex} socket
   * @param {Buffer} head
   */
  constructor(socket, head) {
    this.socket = socket
    this.mailbox = new Mailbox()
    this.decoder = new Decoder()
    let code = 1006
    let reason = ''
    /** @type {Promise<{ code: number, reason: string }>} */
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.mailbox.close(`the connection is closed (${code})`)
        resolve({ code, reason })
      })
    })
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    const hear = (/** @type {Buffer} */ chunk) => {
      for (const { opcode, payload } of this.decoder.push(chunk)) {
        if (opcode === OPCODE.ping) socket.write(encode(OPCODE.pong, payload))
        else if (opcode === OPCODE.text) this.mailbox.put(JSON.parse(String(payload)))
        else if (opcode === OPCODE.close) {
          code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
          reason = String(payload.subarray(2))
          socket.end(encode(OPCODE.close, payload.subarray(0, 2)))
        }
      }
    }
    socket.on('data', hear)
    if (head.length > 0) hear(head)
  }

  get received() {
    return [...this.mailbox.received]
  }

  /**
   * @param {string} event
   * @param {unknown} [data]
   */
  send(event, data) {
    this.sendPayload({ type: 'custom', event, data })
  }

  /** @param {unknown} payload */
  sendPayload(payload) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    this.socket.write(encode(OPCODE.text, Buffer.from(text)))
  }

  /**
   * @param {string} event
   * @param {{ timeout?: number }} [options]
   */
  async next(event, { timeout } = {}) {
    /** @param {import('./mailbox.js').Payload} payload */
    const isWanted = (payload) => payload.type === 'custom' && payload.event === event
    const site = new CallSite(this.next)
    const { data } = await this.mailbox.take(`the event "${event}"`, isWanted, { site, timeout })
    return data
  }

  /**
   * @param {string} type
   * @param {{ timeout?: number }} [options]
   */
  nextPayload(type, { timeout } = {}) {
    const site = new CallSite(this.nextPayload)
    return this.mailbox.take(`a payload "${type}"`, (payload) => payload.type === type, {
      site,
      timeout,
    })
  }

  /** Ends the connection with the close handshake. */
  close() {
    if (this.socket.writable) {
      this.socket.write(encode(OPCODE.close, Buffer.from([0x03, 0xe8])))
    }
    return this.closed
  }

  /** Ends the connection as a tab does that crashes. */
  terminate() {
    this.socket.destroy()
    return this.closed
  }
}

disposable(TestClient.prototype, async function () {
  await this.close()
})

/**
 * Connects as Vite's client does, and waits for its welcome.
 *
 * @param {unknown} to A URL, an HTTP server that listens, or a `ViteDevServer`.
 * @param {import('node:https').RequestOptions} [options]
 * @returns {Promise<TestClient>}
 */
async function connectTestClient(to, options) {
  return connectFrom(new CallSite(connectTestClient), to, options)
}

/**
 * @param {CallSite} site Where a test asked for it.
 * @param {unknown} to
 * @param {import('node:https').RequestOptions} [options]
 * @returns {Promise<TestClient>}
 */
async function connectFrom(site, to, options = {}) {
  /** @type {TestClient | undefined} */
  let client
  try {
    client = await upgrade(urlOf(to), options)
    await client.nextPayload('connected')
    return client
  } catch (error) {
    client?.terminate()
    throw site.blame(/** @type {Error} */ (error))
  }
}

/**
 * @param {URL} url
 * @param {import('node:https').RequestOptions} options
 * @returns {Promise<TestClient>}
 */
function upgrade(url, options) {
  const { request } = url.protocol === 'wss:' ? https : http
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Protocol': 'vite-hmr',
    ...options.headers,
  }
  const { hostname, port, pathname, search } = url
  return new Promise((resolve, reject) => {
    const path = pathname + search
    const host = hostname.replace(/^\[|\]$/g, '')
    const outgoing = request({ agent: false, ...options, host, port, path, headers })
    outgoing.setTimeout(CONNECT_TIMEOUT_MS, () => {
      outgoing.destroy(new Error(`no answer within ${CONNECT_TIMEOUT_MS} ms`))
    })
    outgoing.on('upgrade', (_, socket, head) => {
      socket.setTimeout(0)
      resolve(new TestClient(socket, head))
    })
    outgoing.on('response', (response) => {
      response.destroy()
      reject(refusal(url, `the server answered ${response.statusCode} ${response.statusMessage}`))
    })
    outgoing.on('error', (error) => reject(refusal(url, error.message)))
    outgoing.end()
  })
}

/**
 * @param {URL} url
 * @param {string} reason
 */
function refusal(url, reason) {
  const message = `vite-native-ws: no WebSocket connection to ${url}: ${reason}.`
  return codedError(Error, 'ERR_NATIVE_WS_NO_CONNECTION', message)
}

/**
 * @param {any} to
 * @returns {URL}
 */
function urlOf(to) {
  if (typeof to === 'string' || to instanceof URL) return new URL(to)
  const { config, httpServer = to } = to ?? {}
  const address = httpServer?.address?.()
  if (typeof address !== 'object' || address === null) {
    throw codedError(
      TypeError,
      'ERR_NATIVE_WS_INVALID_ARG',
      'vite-native-ws: connectTestClient needs a URL, an HTTP server that listens, or a Vite dev ' +
        'server that listens. In middleware mode, give it the HTTP server.',
    )
  }
  const isSecure = 'setSecureContext' in httpServer
  const url = new URL(`${isSecure ? 'wss' : 'ws'}://${hostOf(address)}:${address.port}`)
  url.pathname = pathOf(config)
  if (config?.webSocketToken) url.searchParams.set('token', config.webSocketToken)
  return url
}

/**
 * Servers that listen everywhere are reached over the loopback interface.
 *
 * @param {import('node:net').AddressInfo} address
 */
function hostOf({ address, family }) {
  if (address === '::' || address === '0.0.0.0') return '127.0.0.1'
  return family === 'IPv6' ? `[${address}]` : address
}

/** @param {any} config */
function pathOf(config) {
  const { ws, hmr } = config?.server ?? {}
  const path = ws?.path ?? hmr?.path ?? ''
  return require('node:path').posix.join(config?.base ?? '/', path)
}

module.exports = { connectFrom, connectTestClient, TestClient }
