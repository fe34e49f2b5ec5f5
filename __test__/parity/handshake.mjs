import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { until } from './deadline.mjs'

// RFC 6455's own example key: a fixed key makes whole answers comparable byte by byte.
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** An upgrade request as bytes; a header set to `null` is left out. */
export function request(path, headers = {}, { method = 'GET', version = 'HTTP/1.1' } = {}) {
  const all = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Protocol': 'vite-hmr',
    ...headers,
  }
  const lines = Object.entries(all)
    .filter(([, value]) => value !== null)
    .flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`))
  return `${method} ${path} ${version}\r\n${lines.join('\r\n')}\r\n\r\n`
}

/** A bare connection: what is written is what the server gets, what is read is kept. */
export class Wire {
  bytes = Buffer.alloc(0)
  ended = false

  constructor(port, { host = '127.0.0.1', secure = false } = {}) {
    this.socket = secure
      ? tls.connect({ port, host, rejectUnauthorized: false })
      : net.connect({ port, host })
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk) => {
      this.bytes = Buffer.concat([this.bytes, chunk])
    })
    this.socket.on('close', () => {
      this.ended = true
    })
    this.connected = once(this.socket, secure ? 'secureConnect' : 'connect')
    this.connected.catch(() => {})
  }

  async write(bytes) {
    await this.connected
    await new Promise((resolve) => this.socket.write(bytes, () => resolve()))
  }

  reset() {
    this.socket.resetAndDestroy()
  }

  get head() {
    const end = this.bytes.indexOf('\r\n\r\n')
    return end < 0 ? null : this.bytes.subarray(0, end + 4).toString('latin1')
  }

  get body() {
    const end = this.bytes.indexOf('\r\n\r\n')
    return end < 0 ? Buffer.alloc(0) : this.bytes.subarray(end + 4)
  }

  async status() {
    await until(() => this.head || this.ended, 'an answer to the upgrade')
    return this.head ? Number(this.head.split(' ')[1]) : null
  }

  /** Everything the server wrote until it closed the connection. */
  async answer() {
    await until(() => this.ended, 'the end of the connection')
    return this.bytes.toString('latin1')
  }
}

/** A client frame; masked with zeros unless told, so that the payload stays readable. */
export function frame(opcode, payload, { fin = true, rsv = 0, masked = true, length } = {}) {
  const data = Buffer.from(payload)
  const size = length ?? data.length
  const mask = masked ? 0x80 : 0
  const first = (fin ? 0x80 : 0) | rsv | opcode
  let head
  if (size < 126) head = Buffer.from([first, mask | size])
  else if (size < 65_536) head = Buffer.from([first, mask | 126, size >> 8, size & 255])
  else {
    head = Buffer.alloc(10)
    head[0] = first
    head[1] = mask | 127
    head.writeBigUInt64BE(BigInt(size), 2)
  }
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), data])
}

/** The close code in the first close frame the server sent behind its 101, or `null`. */
export function closeCode(body) {
  let at = 0
  while (at + 2 <= body.length) {
    const opcode = body[at] & 15
    let size = body[at + 1] & 127
    let start = at + 2
    if (size === 126) {
      size = body.readUInt16BE(start)
      start += 2
    } else if (size === 127) {
      size = Number(body.readBigUInt64BE(start))
      start += 8
    }
    if (opcode === 8) return size >= 2 ? body.readUInt16BE(start) : 1005
    at = start + size
  }
  return null
}
