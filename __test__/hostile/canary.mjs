import net from 'node:net'
import { encode, FrameReader, OPCODE } from '../conformance/frame.mjs'
import { handshake } from './request.mjs'

const ANSWER_MS = 3_000

/** A well-behaved client that asks for a broadcast and waits for it. */
export class Canary {
  #socket
  #count = 0
  #waiting = new Map()
  #alive = true

  static connect(target) {
    return new Promise((resolve, reject) => {
      const canary = new Canary()
      const socket = net.connect({ port: target.port, host: '127.0.0.1', noDelay: true })
      const reader = new FrameReader()
      let head = Buffer.alloc(0)
      canary.#socket = socket
      socket.on('error', () => {})
      socket.on('close', () => {
        canary.#end()
        reject(new Error(`${target.name}: the canary was refused: ${head}`))
      })
      socket.on('data', (chunk) => {
        let rest = chunk
        if (head) {
          head = Buffer.concat([head, chunk])
          const end = head.indexOf('\r\n\r\n')
          if (end < 0) return
          rest = head.subarray(end + 4)
          head = undefined
          resolve(canary)
        }
        for (const frame of reader.push(rest)) canary.#receive(frame)
      })
      socket.write(handshake(target))
    })
  }

  /** @returns {Promise<boolean>} whether the broadcast came */
  ask() {
    if (!this.#alive) return Promise.resolve(false)
    const number = ++this.#count
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(number, false), ANSWER_MS)
      this.#waiting.set(number, (heard) => {
        clearTimeout(timer)
        resolve(heard)
      })
      const payload = JSON.stringify({ type: 'custom', event: 'canary:ask', data: number })
      this.#socket.write(encode({ opcode: OPCODE.text, payload }))
    })
  }

  close() {
    this.#socket.destroy()
  }

  #receive({ opcode, payload }) {
    if (opcode !== OPCODE.text) return
    const { event, data } = JSON.parse(payload.toString())
    if (event === 'canary') this.#settle(data, true)
  }

  #settle(number, heard) {
    this.#waiting.get(number)?.(heard)
    this.#waiting.delete(number)
  }

  #end() {
    this.#alive = false
    for (const number of [...this.#waiting.keys()]) this.#settle(number, false)
  }
}
