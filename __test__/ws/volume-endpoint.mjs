import { Messages } from './volume-messages.mjs'

/** Bytes and messages that may be on their way before a sender waits for its callback. */
const MOST_BYTES = 4 * 1024 * 1024
const MOST_MESSAGES = 500

/**
 * One end of a connection: sends one sequence and checks the other.
 *
 * @param {import('ws').WebSocket} socket
 * @param {{ count: number, sends: number, expects: number }} plan A count and two seeds.
 */
export class Endpoint {
  constructor(socket, { count, sends, expects }) {
    this.socket = socket
    this.count = count
    this.outgoing = new Messages(sends)
    this.expected = new Messages(expects)
    this.received = 0
    this.receivedBytes = 0
    this.wrong = []
    this.isComplete = new Promise((resolve) => {
      socket.on('message', (data, isBinary) => {
        if (!this.expected.isAt(this.received, data, isBinary)) this.wrong.push(this.received)
        this.received++
        this.receivedBytes += data.length
        if (this.received === count) resolve()
      })
    })
  }

  async sendAll() {
    let bytes = 0
    for (let number = 0; number < this.count; number++) {
      const data = this.outgoing.at(number)
      bytes += data.length
      if (bytes < MOST_BYTES && number % MOST_MESSAGES !== MOST_MESSAGES - 1) {
        this.socket.send(data)
        continue
      }
      bytes = 0
      await new Promise((resolve, reject) => {
        this.socket.send(data, (error) => (error ? reject(error) : resolve()))
      })
    }
  }

  /** Sends all and receives all. */
  async run() {
    await Promise.all([this.sendAll(), this.isComplete])
  }

  get report() {
    const { received, receivedBytes, wrong } = this
    return { received, receivedBytes, wrong: wrong.slice(0, 10) }
  }
}
