// A well-behaved client beside the hostile ones.
import { frame, OPCODE } from '../support/frame.mjs'
import { dial, RawClient } from '../support/raw-client.mjs'
import { handshake } from './request.mjs'

const ANSWER_MS = 3_000

/** Asks for a broadcast and waits for it. */
export class Canary extends RawClient {
  #count = 0
  #waiting = new Map()

  static async connect(server) {
    const canary = new Canary(dial(server.port))
    canary.write(handshake(server))
    await canary.answered().catch((error) => {
      throw new Error(`${server.name}: the canary was refused: ${error.message}`)
    })
    return canary
  }

  constructor(socket) {
    super(socket)
    socket.on('close', () => {
      for (const number of [...this.#waiting.keys()]) this.#settle(number, false)
    })
  }

  /** @returns {Promise<boolean>} whether the broadcast came */
  ask() {
    if (this.socket.destroyed) return Promise.resolve(false)
    const number = ++this.#count
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(number, false), ANSWER_MS)
      this.#waiting.set(number, (heard) => {
        clearTimeout(timer)
        resolve(heard)
      })
      const payload = JSON.stringify({ type: 'custom', event: 'canary:ask', data: number })
      this.write(frame(OPCODE.text, payload))
    })
  }

  /** @override */
  receive({ opcode, payload }) {
    if (opcode !== OPCODE.text) return
    const { event, data } = JSON.parse(payload.toString())
    if (event === 'canary') this.#settle(data, true)
  }

  leave() {
    this.socket.destroy()
  }

  #settle(number, heard) {
    this.#waiting.get(number)?.(heard)
    this.#waiting.delete(number)
  }
}
