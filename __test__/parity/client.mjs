import WebSocket from 'ws'
import { until, within } from './deadline.mjs'

/** What one browser tab sees of the server: frames as text, in order, and how it ended. */
export class Client {
  frames = []
  binary = 0
  #read = 0
  #waiting = new Set()

  constructor(url, { protocol = 'vite-hmr', ...options } = {}) {
    const protocols = protocol === null ? [] : protocol
    this.socket = new WebSocket(url, protocols, { rejectUnauthorized: false, ...options })
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
    })
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', () => resolve(this))
      this.socket.once('error', reject)
      this.socket.once('unexpected-response', (request, response) => {
        request.destroy()
        reject(new Error(`refused with ${response.statusCode}`))
      })
    })
    this.opened.catch(() => {})
    this.socket.on('error', () => {})
    this.socket.on('upgrade', (response) => {
      this.response = response
    })
    this.socket.on('message', (data, isBinary) => {
      if (isBinary) this.binary += 1
      this.frames.push(String(data))
      for (const wake of this.#waiting) wake()
    })
    this.closed.then(() => {
      this.ended = true
      for (const wake of this.#waiting) wake()
    })
  }

  get payloads() {
    return this.frames.map((frame) => JSON.parse(frame))
  }

  /** The next frame not yet taken, as text. */
  async text() {
    await this.#frame('another frame')
    return this.frames[this.#read++]
  }

  async next() {
    return JSON.parse(await this.text())
  }

  /** Takes frames up to the first one that is of this type, this custom event, or matches. */
  async find(wanted) {
    const matches =
      typeof wanted === 'function'
        ? wanted
        : (payload) => payload.type === wanted || payload.event === wanted
    for (;;) {
      await this.#frame(typeof wanted === 'function' ? 'a matching frame' : `"${wanted}"`)
      const payload = JSON.parse(this.frames[this.#read++])
      if (matches(payload)) return payload
    }
  }

  async count(frames) {
    await until(() => this.frames.length >= frames, `${frames} frames (${this.frames.length})`)
  }

  send(value) {
    this.socket.send(typeof value === 'string' ? value : JSON.stringify(value))
  }

  emit(event, data) {
    this.send({ type: 'custom', event, data })
  }

  async end(code = 1000, reason = '') {
    this.socket.close(code, reason)
    return within(this.closed, 'the closing handshake')
  }

  async #frame(what) {
    if (this.#read < this.frames.length) return
    let wake
    try {
      await within(
        new Promise((resolve, reject) => {
          wake = () => {
            if (this.#read < this.frames.length) resolve()
            else if (this.ended) reject(new Error(`closed before ${what}`))
          }
          this.#waiting.add(wake)
          wake()
        }),
        `${what} after ${this.frames.length} frames: ${this.frames.slice(-3).join(' ')}`,
      )
    } finally {
      this.#waiting.delete(wake)
    }
  }
}
