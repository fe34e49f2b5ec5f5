import { once } from 'node:events'
import http from 'node:http'
import WebSocketClient from 'ws'
import { until, within } from '../support/deadline.mjs'
import { OPCODE } from '../support/frame.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { listen } from '../support/port.mjs'
import { dial, RawClient } from '../support/raw-client.mjs'
import { rawAnswer } from '../support/raw-socket.mjs'
import { snapshot } from './snapshot.mjs'

const NO_PROTOCOL = { 'Sec-WebSocket-Protocol': null }

/** A raw client that keeps what the server sent as text, frame by frame. */
class FrameLog extends RawClient {
  /** @type {string[]} */
  frames = []
  closed = once(this.socket, 'close')

  receive(frame) {
    this.frames.push(shown(frame))
  }
}

/** What a scenario plays with: servers of one implementation, real clients, and an end to them. */
export class ScenarioContext {
  #ends = []
  transports = new Set()

  constructor({ name, api, options }) {
    this.name = name
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
    await listen(server)
    return server
  }

  /** A real client that keeps what it hears as `log`. */
  client(server, { path = '/', protocols, ...options } = {}) {
    const { port } = server.address()
    const client = new WebSocketClient(`ws://127.0.0.1:${port}${path}`, protocols, options)
    this.#ends.push(() => client.terminate())
    client.log = []
    client.on('message', (data, isBinary) => {
      client.log.push(`${isBinary ? 'binary' : 'text'} ${snapshot(data)}`)
    })
    client.on('ping', (data) => client.log.push(`ping ${snapshot(data)}`))
    client.on('pong', (data) => client.log.push(`pong ${snapshot(data)}`))
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
  async raw(server, headers) {
    const raw = new FrameLog(dial(server.address().port))
    this.#ends.push(() => raw.socket.destroy())
    raw.write(upgradeRequest({ headers: { ...NO_PROTOCOL, ...headers } }))
    await raw.answered()
    return raw
  }

  /** The whole answer to a handshake, as text without the date. */
  async answer(port, headers, request) {
    const all = { ...NO_PROTOCOL, ...headers }
    const text = await rawAnswer(port, upgradeRequest({ headers: all, ...request }))
    return text.replace(/^Date: .*\r\n/im, '')
  }

  /** The arguments of the next event of a kind. */
  event(emitter, name) {
    const emitted = new Promise((resolve) => emitter.once(name, (...args) => resolve(args)))
    return this.within(emitted, `the event ${name}`)
  }

  within = within
  until = until

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
  if (opcode !== OPCODE.close || payload.length < 2) return `${name}${flags} ${snapshot(payload)}`
  return `close${flags} ${payload.readUInt16BE(0)} ${JSON.stringify(String(payload.subarray(2)))}`
}
