// A client of bare bytes: it stops reading, resets and sends halves, as a library would not.
import { once } from 'node:events'
import net from 'node:net'
import { encode, FrameReader, OPCODE } from '../conformance/frame.mjs'
import { handshakeLines, within } from '../server/harness.mjs'
import { now } from './clock.mjs'

export const REQUEST = Buffer.from(`${handshakeLines().join('\r\n')}\r\n\r\n`)

/** A masked text frame with a custom event. */
export function eventFrame(event, data) {
  const payload = JSON.stringify({ type: 'custom', event, data })
  return encode({ opcode: OPCODE.text, payload })
}

export class RawClient {
  #head = Buffer.alloc(0)
  #reader = new FrameReader()
  #waiting = new Set()

  /** Connects and reads up to the `connected` message. */
  static async connect(t, port) {
    const client = new RawClient(net.connect({ port, host: '127.0.0.1', noDelay: true }))
    t.after(() => client.socket.destroy())
    client.socket.write(REQUEST)
    const first = await client.next()
    if (first.type !== 'connected') throw new Error(`the first message was ${first.type}`)
    return client
  }

  constructor(socket) {
    this.socket = socket
    this.messages = []
    this.controls = []
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('close', () => this.#wake())
  }

  get localPort() {
    return this.socket.localPort
  }

  /** The next message of Vite's protocol. */
  async next() {
    while (this.messages.length === 0) {
      if (this.socket.destroyed) throw new Error('the connection is closed')
      await within(new Promise((resolve) => this.#waiting.add(resolve)), 'the next message')
    }
    return this.messages.shift()
  }

  /** The next frame that is no message. */
  async nextControl() {
    while (this.controls.length === 0) {
      if (this.socket.destroyed) throw new Error('the connection is closed')
      await within(new Promise((resolve) => this.#waiting.add(resolve)), 'the next control frame')
    }
    return this.controls.shift()
  }

  send(frame) {
    this.socket.write(encode(frame))
  }

  /** An echo through a listener, in milliseconds. What comes before it is thrown away. */
  async roundTrip(data) {
    const started = now()
    this.socket.write(eventFrame('echo', data))
    for (;;) {
      const message = await this.next()
      if (message.event === 'echo' && message.data === data) return now() - started
    }
  }

  async close() {
    this.socket.end()
    if (!this.socket.closed) await within(once(this.socket, 'close'), 'the end of the connection')
  }

  #read(chunk) {
    let rest = chunk
    if (this.#head) {
      this.#head = Buffer.concat([this.#head, chunk])
      const end = this.#head.indexOf('\r\n\r\n')
      if (end < 0) return
      rest = this.#head.subarray(end + 4)
      this.#head = undefined
    }
    for (const frame of this.#reader.push(rest)) {
      if (frame.opcode === OPCODE.text) this.messages.push(JSON.parse(String(frame.payload)))
      else this.controls.push({ ...frame, at: now() })
      // Whoever answers no ping is given up.
      if (frame.opcode === OPCODE.ping) this.send({ opcode: OPCODE.pong, payload: frame.payload })
    }
    this.#wake()
  }

  #wake() {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}
