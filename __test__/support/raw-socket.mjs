// A bare connection, for requests that no library sends and for answers byte by byte.
import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { until } from './deadline.mjs'
import { splitAnswer } from './handshake.mjs'

/** What is written is what the server gets, what is read is kept. */
export class RawSocket {
  bytes = Buffer.alloc(0)
  ended = false

  /**
   * @param {number} port
   * @param {{ host?: string, secure?: boolean }} [options]
   */
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

  /** Resolves once the kernel has the bytes: a reset throws away what it has not. */
  async write(bytes) {
    await this.connected
    await new Promise((resolve) => this.socket.write(bytes, () => resolve()))
  }

  reset() {
    this.socket.resetAndDestroy()
  }

  /** The head of the answer, or `null`. */
  get head() {
    return splitAnswer(this.bytes).head
  }

  get body() {
    return splitAnswer(this.bytes).body
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

/** The whole answer to a request, at whose end the server closes the connection. */
export async function rawAnswer(port, request) {
  const socket = new RawSocket(port)
  try {
    await socket.write(request)
    return await socket.answer()
  } finally {
    socket.socket.destroy()
  }
}
