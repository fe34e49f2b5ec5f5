import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { closePayload, encode, FrameReader, fragments, OPCODE } from '../support/frame.mjs'
import { AnswerReader, KEY, upgradeRequest } from '../support/handshake.mjs'
import { dial } from '../support/raw-client.mjs'
import { matches } from './verdict.mjs'

const ACCEPT = createHash('sha1')
  .update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  .digest('base64')

/** A server that fails fast does so at once; what it has not done by then it does not do. */
const PAUSE_MS = 300
/** How long the end of a connection may take before the client drops it. */
const KILL_MS = 5_000
/** What a write meets when the server has rightly gone. */
const GONE = new Set(['ECONNRESET', 'EPIPE'])

/** One case, played over a socket of its own; what was observed is left in its fields. */
class Play {
  /** @type {import('./verdict.mjs').Event[]} */
  events = []
  /** @type {string[]} */
  violations = []
  closedBy = undefined
  remoteCode = undefined
  remoteClosed = false
  droppedBy = undefined
  #answer = new AnswerReader()
  #reader = new FrameReader()
  #message = undefined
  #closeSent = false
  #rounds = undefined
  #opened
  #roundsDone

  constructor(port, scenario) {
    this.scenario = scenario
    this.socket = dial(port)
    this.open = new Promise((resolve) => (this.#opened = resolve))
    this.ended = new Promise((resolve) => {
      this.socket.on('error', (error) => {
        if (!GONE.has(error.code)) this.violations.push(error.message)
      })
      this.socket.on('end', () => (this.droppedBy ??= 'server'))
      this.socket.on('close', (hadError) => {
        this.droppedBy ??= hadError ? 'server' : 'client'
        this.#opened()
        this.#roundsDone?.()
        resolve()
      })
    })
    this.socket.on('data', (chunk) => this.#read(chunk))
  }

  get handshake() {
    return this.#answer.head ?? ''
  }

  get isOpen() {
    return !this.droppedBy && !this.remoteClosed
  }

  async run() {
    const headers = { 'Sec-WebSocket-Protocol': null, ...this.scenario.offer }
    this.socket.write(upgradeRequest({ headers }))
    const timer = setTimeout(() => this.#kill(), KILL_MS + 25_000)
    await this.open
    for (const step of this.scenario.steps) if (this.isOpen) await this.#step(step)
    this.#finishWhenDone()
    const kill = setTimeout(() => this.#kill(), KILL_MS + (this.scenario.slow ? 20_000 : 0))
    await this.ended
    clearTimeout(timer)
    clearTimeout(kill)
    return this
  }

  #kill() {
    this.droppedBy ??= 'client'
    this.socket.destroy()
  }

  async #step({ frames, chop = 'once', fragments: message, rounds, bytes, pause }) {
    if (pause !== undefined) {
      await Promise.race([sleep(PAUSE_MS), this.ended])
      if (this.isOpen && pause) this.events.push({ timeout: pause })
      return
    }
    if (rounds) {
      this.#rounds = { left: rounds.count, bytes: encode(rounds.frame) }
      const done = new Promise((resolve) => (this.#roundsDone = resolve))
      this.#nextRound()
      return done
    }
    if (message) return this.#write(fragments(message))
    if (bytes) return this.#write([bytes])
    const encoded = frames.map((frame) => encode(frame))
    if (frames.some(({ opcode, rsv }) => opcode === OPCODE.close && !rsv)) this.#ownClose()
    if (chop === 'once') return this.#write([Buffer.concat(encoded)])
    if (chop === 'frames') return this.#write(encoded, true)
    return this.#write(pieces(Buffer.concat(encoded), chop === 'octets' ? 1 : chop), true)
  }

  async #write(parts, apart = false) {
    for (const part of parts) {
      if (this.droppedBy || !this.socket.writable) return
      if (!this.socket.write(part)) await Promise.race([once(this.socket, 'drain'), this.ended])
      else if (apart) await turn()
    }
  }

  #nextRound() {
    if (this.#rounds.left-- > 0) this.socket.write(this.#rounds.bytes)
    else this.#roundsDone()
  }

  #ownClose() {
    this.#closeSent = true
    this.closedBy ??= 'client'
  }

  #read(chunk) {
    const wasOpen = this.handshake !== ''
    const behind = this.#answer.push(chunk)
    if (!wasOpen && this.handshake !== '') this.#examine(this.handshake)
    for (const frame of this.#reader.push(behind)) this.#receive(frame)
  }

  #examine(head) {
    if (!/^HTTP\/1\.1 101 /.test(head)) this.violations.push(head.split('\r\n')[0])
    if (!head.includes(ACCEPT)) this.violations.push('wrong Sec-WebSocket-Accept')
    this.#opened()
  }

  #receive({ fin, rsv, opcode, masked, payload }) {
    if (this.remoteClosed) return void this.violations.push('a frame after the close frame')
    if (rsv || masked) this.violations.push(`frame with rsv ${rsv}, masked ${masked}`)
    if (opcode === OPCODE.close) return this.#receiveClose(payload)
    if (opcode > 7) this.events.push({ opcode, payload })
    else {
      this.#message ??= { opcode, parts: [] }
      this.#message.parts.push(payload)
      if (!fin) return
      const { parts, ...message } = this.#message
      this.#message = undefined
      this.events.push({ ...message, payload: parts.length > 1 ? Buffer.concat(parts) : parts[0] })
      if (this.#rounds) this.#nextRound()
    }
    this.#finishWhenDone()
  }

  #receiveClose(payload) {
    this.remoteClosed = true
    this.closedBy ??= 'server'
    if (payload.length >= 2) this.remoteCode = payload.readUInt16BE(0)
    if (payload.length === 1) this.violations.push('close frame of 1 byte')
    this.#roundsDone?.()
    if (this.#closeSent) return
    this.#closeSent = true
    this.socket.write(encode({ opcode: OPCODE.close, payload }))
  }

  /** Once everything expected is there, the client closes where the case wants it to. */
  #finishWhenDone() {
    const { ending, expect, ownClose } = this.scenario
    if (ownClose || this.#closeSent || ending.by !== 'client' || !this.isOpen) return
    if (!Object.values(expect).some((seen) => matches(this.events, seen))) return
    this.#ownClose()
    this.socket.write(encode({ opcode: OPCODE.close, payload: closePayload(ending.codes[0]) }))
  }

  get clean() {
    return this.#closeSent && this.remoteClosed
  }
}

const pieces = (bytes, size) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  )

/**
 * @param {number} port
 * @param {import('./scenario.mjs').Scenario} scenario
 */
export const play = (port, scenario) => new Play(port, scenario).run()
