import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocketClient from 'ws'
import { FrameReader, OPCODE } from '../conformance/frame.mjs'
import { seen } from './seen.mjs'

const DEADLINE_MS = 15_000

/** What a scenario plays on: servers of one engine, real clients, and an end to all of it. */
export class Stage {
  #ends = []
  transports = new Set()

  constructor({ name, api, options }) {
    this.engine = name
    this.api = api
    this.options = options
  }

  /** A server that is not waited for. */
  server(options, callback) {
    const server = new this.api.WebSocketServer({ ...this.options, ...options }, callback)
    server.on('connection', (socket) => this.noteTransport(socket))
    this.#ends.push(() => {
      for (const client of server.clients ?? []) client.terminate()
      server.close()
    })
    return server
  }

  noteTransport(socket) {
    this.transports.add(socket._connection?.transport ?? 'ws')
  }

  async listen(options) {
    if (options?.server) return this.server(options)
    const server = this.server({ port: 0, host: '127.0.0.1', ...options })
    await this.event(server, 'listening')
    return server
  }

  /** An HTTP server on a port of its own. */
  async http() {
    const server = http.createServer()
    this.#ends.push(() => {
      server.close()
      server.closeAllConnections()
    })
    server.listen(0, '127.0.0.1')
    await this.event(server, 'listening')
    return server
  }

  /** A real client that keeps what it hears as `log`. */
  client(server, { path = '/', protocols, ...options } = {}) {
    const { port } = server.address()
    const client = new WebSocketClient(`ws://127.0.0.1:${port}${path}`, protocols, options)
    this.#ends.push(() => client.terminate())
    client.log = []
    client.on('message', (data, isBinary) => {
      client.log.push(`${isBinary ? 'binary' : 'text'} ${seen(data)}`)
    })
    client.on('ping', (data) => client.log.push(`ping ${seen(data)}`))
    client.on('pong', (data) => client.log.push(`pong ${seen(data)}`))
    client.on('close', (code, reason) => client.log.push(`close ${code} ${reason}`))
    client.on('error', (error) => client.log.push(`error ${error.message}`))
    client.on('unexpected-response', (_request, response) => {
      client.log.push(`response ${response.statusCode}`)
      client.terminate()
    })
    return client
  }

  /** A server, a client, and the two ends of their connection. */
  async pair(serverOptions, clientOptions) {
    const server = await this.listen(serverOptions)
    return { server, ...(await this.join(server, clientOptions)) }
  }

  async join(server, clientOptions) {
    const connection = this.event(server, 'connection')
    const client = this.client(server, clientOptions)
    const [[socket, request]] = await Promise.all([connection, this.event(client, 'open')])
    return { socket, request, client }
  }

  /** A client that sends bytes as they are, after a handshake. */
  async raw(server, headers = {}) {
    const { port } = server.address()
    const socket = net.connect(port, '127.0.0.1')
    this.#ends.push(() => socket.destroy())
    socket.on('error', () => {})
    const reader = new FrameReader()
    const raw = { socket, frames: [], head: '', send: (bytes) => socket.write(bytes) }
    const upgraded = new Promise((resolve) => {
      socket.on('data', (chunk) => {
        if (raw.isUpgraded) return void raw.frames.push(...reader.push(chunk).map(shown))
        raw.head += chunk.toString('latin1')
        const end = raw.head.indexOf('\r\n\r\n')
        if (end < 0) return
        raw.isUpgraded = true
        const rest = raw.head.slice(end + 4)
        raw.head = raw.head.slice(0, end)
        if (rest) raw.frames.push(...reader.push(Buffer.from(rest, 'latin1')).map(shown))
        resolve()
      })
    })
    raw.closed = once(socket, 'close')
    socket.write(handshake(headers))
    await this.within(upgraded, 'the 101')
    return raw
  }

  /** The whole answer to a handshake, as text without the date. */
  async answer(port, headers, request = {}) {
    const socket = net.connect(port, '127.0.0.1')
    this.#ends.push(() => socket.destroy())
    socket.on('error', () => {})
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.write(handshake(headers, request))
    await this.within(once(socket, 'close'), 'the end of the answer')
    return text.replace(/^Date: .*\r\n/im, '')
  }

  /** The arguments of the next event of a kind. */
  event(emitter, name) {
    const emitted = new Promise((resolve) => emitter.once(name, (...args) => resolve(args)))
    return this.within(emitted, `the event ${name}`)
  }

  async within(promise, what) {
    const timer = new AbortController()
    const deadline = sleep(DEADLINE_MS, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`${what}: not within ${DEADLINE_MS} ms`)
    })
    try {
      return await Promise.race([promise, deadline])
    } finally {
      deadline.catch(() => {})
      timer.abort()
    }
  }

  /** Polls until a condition holds. */
  async until(condition, what) {
    const end = Date.now() + DEADLINE_MS
    while (!condition()) {
      if (Date.now() > end) throw new Error(`${what}: not within ${DEADLINE_MS} ms`)
      await sleep(2)
    }
  }

  /** Waits until everything that was sent before has been answered. */
  async settle(socket, client) {
    const mark = `settled ${Math.random()}`
    client.ping(mark)
    await this.until(() => client.log.includes(`pong Buffer ${JSON.stringify(mark)}`), mark)
    client.log = client.log.filter((entry) => !entry.includes(mark))
    return socket
  }

  end() {
    for (const end of this.#ends.reverse()) end()
  }
}

function shown({ fin, rsv, opcode, masked, payload }) {
  const name = Object.entries(OPCODE).find(([, value]) => value === opcode)?.[0] ?? opcode
  const flags = `${fin ? '' : ' not final'}${masked ? ' masked' : ''}${rsv ? ` rsv ${rsv}` : ''}`
  if (opcode !== OPCODE.close || payload.length < 2) return `${name}${flags} ${seen(payload)}`
  return `close${flags} ${payload.readUInt16BE(0)} ${JSON.stringify(String(payload.subarray(2)))}`
}

function handshake(headers, { method = 'GET', path = '/' } = {}) {
  const all = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  }
  const lines = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}
