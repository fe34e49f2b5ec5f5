// A client of bare bytes: it stops reading, resets and sends halves, as a library would not.
import { once } from 'node:events'
import net from 'node:net'
import { within } from './deadline.mjs'
import { now } from './figures.mjs'
import { encode, eventFrame, FrameReader, OPCODE } from './frame.mjs'
import { AnswerReader, upgradeRequest } from './handshake.mjs'

export const REQUEST = Buffer.from(upgradeRequest())

/** A TCP connection to this machine that is not waited for. */
export function dial(port) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => {})
  return socket
}

export class RawClient {
  /** Messages of Vite's protocol that nobody has taken. */
  messages = []
  /** The other frames, each with the time at which it came. */
  controls = []
  #answer = new AnswerReader()
  #frames = new FrameReader()
  #waiting = new Set()

  /** Connects and reads up to the `connected` message. The connection ends with the test. */
  static async connect(t, port) {
    const client = new RawClient(dial(port))
    t.after(() => client.socket.destroy())
    client.write(REQUEST)
    const first = await client.next()
    if (first.type !== 'connected') throw new Error(`the first message was ${first.type}`)
    return client
  }

  /** @param {net.Socket} socket On which this side sends the request itself. */
  constructor(socket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('close', () => this.#wake())
  }

  get localPort() {
    return this.socket.localPort
  }

  /** The head of the answer, `null` until it is there. */
  get head() {
    return this.#answer.head
  }

  /** Resolves when the handshake has been answered. */
  async answered() {
    await this.#until(() => this.head !== null, 'the answer to the handshake')
  }

  /** The next message of Vite's protocol. */
  async next() {
    await this.#until(() => this.messages.length > 0, 'the next message')
    return this.messages.shift()
  }

  /** The next frame that is no message. */
  async nextControl() {
    await this.#until(() => this.controls.length > 0, 'the next control frame')
    return this.controls.shift()
  }

  send(frame) {
    this.write(encode(frame))
  }

  write(bytes) {
    this.socket.write(bytes)
  }

  /** An echo through a listener, in milliseconds. What comes before it is thrown away. */
  async roundTrip(data) {
    const started = now()
    this.write(eventFrame('echo', data))
    for (;;) {
      const message = await this.next()
      if (message.event === 'echo' && message.data === data) return now() - started
    }
  }

  async close() {
    this.socket.end()
    if (!this.socket.closed) await within(once(this.socket, 'close'), 'the end of the connection')
  }

  /** Sees every frame; for others to do something else with them. */
  receive(frame) {
    if (frame.opcode === OPCODE.text) this.messages.push(JSON.parse(String(frame.payload)))
    else this.controls.push({ ...frame, at: now() })
    // A client that answers no ping is dropped.
    if (frame.opcode === OPCODE.ping) this.send({ opcode: OPCODE.pong, payload: frame.payload })
  }

  #read(chunk) {
    for (const frame of this.#frames.push(this.#answer.push(chunk))) this.receive(frame)
    this.#wake()
  }

  async #until(condition, what) {
    while (!condition()) {
      if (this.socket.destroyed) throw new Error(`the connection is closed: ${this.head ?? ''}`)
      await within(new Promise((resolve) => this.#waiting.add(resolve)), what)
    }
  }

  #wake() {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}
