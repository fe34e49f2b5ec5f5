// Servers of this package and raw clients for tests. Every wait has a deadline.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import net from 'node:net'
import WebSocket from 'ws'

const require = createRequire(import.meta.url)
export const entry = require('../../lib/index.js')

export const DEADLINE_MS = 20_000

/** Both ways in which a connection can travel; every behaviour must be the same on them. */
export const TRANSPORTS = [
  { transport: 'auto', counted: 'adopted' },
  { transport: 'bridge', counted: 'bridged' },
]

/** Rejects, naming what was waited for, when the deadline passes. */
export async function within(promise, what, milliseconds = DEADLINE_MS) {
  let timer
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what}: not within ${milliseconds} ms`)),
      milliseconds,
    )
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/** Polls until a condition holds. */
export async function until(condition, what) {
  const end = Date.now() + DEADLINE_MS
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${DEADLINE_MS} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** An HTTP server with our WebSocket server on it, both closed after the test. */
export async function serve(t, { config = {}, options, server = http.createServer(), https } = {}) {
  const ws = entry.createWebSocketServer(server, config, https, options)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  let isClosed = false
  const close = async () => {
    if (isClosed) return
    isClosed = true
    await within(ws.close(), 'closing the WebSocket server')
    server.closeAllConnections?.()
    await within(new Promise((resolve) => server.close(resolve)), 'closing the HTTP server')
  }
  t.after(close)
  return { ws, server, port, close }
}

/** A client that keeps what it got. */
export class Client {
  constructor(url, protocol = 'vite-hmr', options = {}) {
    this.socket = new WebSocket(url, protocol, options)
    this.messages = []
    this.waiting = []
    this.socket.on('message', (data, isBinary) => {
      this.messages.push(isBinary ? data : String(data))
      for (const wake of this.waiting.splice(0)) wake()
    })
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) })
        for (const wake of this.waiting.splice(0)) wake()
      })
    })
    this.socket.on('error', () => {})
  }

  /** Opens a connection and takes the `connected` message off it. */
  static async connect(port, path = '/', options = {}) {
    const client = new Client(`ws://127.0.0.1:${port}${path}`, 'vite-hmr', options)
    const first = await client.next()
    if (first !== '{"type":"connected"}') throw new Error(`the first message was ${first}`)
    return client
  }

  async next() {
    while (this.messages.length === 0) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('the connection is closed')
      await within(new Promise((resolve) => this.waiting.push(resolve)), 'the next message')
    }
    return this.messages.shift()
  }

  async nextJson() {
    return JSON.parse(await this.next())
  }

  sendEvent(event, data) {
    this.socket.send(JSON.stringify({ type: 'custom', event, data }))
  }
}

/** The answer to a raw request, until the peer ends the connection or has been silent. */
export async function rawRequest(port, lines) {
  const socket = net.connect(port, '127.0.0.1')
  const chunks = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  await within(once(socket, 'close'), 'the end of the answer')
  return Buffer.concat(chunks).toString('latin1')
}

/** The lines of a handshake; headers given as undefined are left out. */
export function handshakeLines(headers = {}, { path = '/', method = 'GET' } = {}) {
  const all = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'vite-hmr',
    ...headers,
  }
  const lines = Object.entries(all).filter(([, value]) => value !== undefined)
  return [`${method} ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)]
}

/** Open descriptors of this process. */
export function countDescriptors() {
  return readdirSync('/proc/self/fd').length
}
