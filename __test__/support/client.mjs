// A browser's tab as a server sees it, on the sockets of `ws`: messages in order, and how it ended.
import WebSocket from 'ws'
import { until, within } from './deadline.mjs'

export class Client {
  /** Every message so far, as text. */
  frames = []
  /** How many of them came as bytes. */
  binary = 0
  ended = false
  #read = 0
  #waiting = new Set()

  /**
   * A client that does not wait for its connection.
   *
   * @param {string} url
   * @param {{ protocol?: string | null } & WebSocket.ClientOptions} [options] `null` names no
   *   subprotocol
   */
  constructor(url, { protocol = 'vite-hmr', ...options } = {}) {
    const protocols = protocol === null ? [] : protocol
    this.socket = new WebSocket(url, protocols, { rejectUnauthorized: false, ...options })
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
    })
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', () => resolve(this))
      this.socket.once('error', reject)
    })
    this.opened.catch(() => {})
    this.socket.on('error', () => {})
    this.socket.on('upgrade', (response) => {
      this.response = response
    })
    this.socket.on('message', (data, isBinary) => {
      if (isBinary) this.binary += 1
      this.frames.push(String(data))
      this.#wake()
    })
    this.closed.then(() => {
      this.ended = true
      this.#wake()
    })
  }

  /** Opens a connection to this machine and takes the `connected` message off it. */
  static async connect(port, path = '/', options = {}) {
    const client = new Client(`ws://127.0.0.1:${port}${path}`, options)
    const first = await client.text()
    if (first !== '{"type":"connected"}') throw new Error(`the first message was ${first}`)
    return client
  }

  get payloads() {
    return this.frames.map((frame) => JSON.parse(frame))
  }

  /** The messages that nobody has taken. */
  get unread() {
    return this.frames.slice(this.#read)
  }

  /** The next message, as text. */
  async text() {
    await this.#arrival('the next message')
    return this.frames[this.#read++]
  }

  /** The next message, parsed. */
  async next() {
    return JSON.parse(await this.text())
  }

  /** Takes messages up to the first that is of this type, this custom event, or matches. */
  async find(wanted) {
    const isFunction = typeof wanted === 'function'
    const matches = isFunction ? wanted : ({ type, event }) => type === wanted || event === wanted
    for (;;) {
      await this.#arrival(isFunction ? 'a matching message' : `"${wanted}"`)
      const payload = JSON.parse(this.frames[this.#read++])
      if (matches(payload)) return payload
    }
  }

  /** Waits for so many messages in all. */
  async count(frames) {
    await until(() => this.frames.length >= frames, `${frames} messages (${this.frames.length})`)
  }

  send(value) {
    this.socket.send(typeof value === 'string' ? value : JSON.stringify(value))
  }

  /** Sends a custom event of Vite's protocol. */
  emit(event, data) {
    this.send({ type: 'custom', event, data })
  }

  async end(code = 1000, reason = '') {
    this.socket.close(code, reason)
    return within(this.closed, 'the closing handshake')
  }

  async #arrival(what) {
    while (this.#read >= this.frames.length) {
      if (this.ended) throw new Error(`closed before ${what}`)
      const last = this.frames.slice(-3).join(' ')
      await within(
        new Promise((resolve) => this.#waiting.add(resolve)),
        `${what} after ${this.frames.length}: ${last.slice(0, 400)}`,
      )
    }
  }

  #wake() {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}
