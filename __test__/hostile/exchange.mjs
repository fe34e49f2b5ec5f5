import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { bytesOf, encode, OPCODE } from '../support/frame.mjs'
import { dial } from '../support/raw-client.mjs'
import { Observation } from './observation.mjs'
import { fill, handshake } from './request.mjs'

/**
 * One hostile input.
 *
 * @typedef {object} Case
 * @property {string} id `group/name`
 * @property {(Step | string | Uint8Array)[]} steps
 * @property {number} [crowd] So many clients do it at the same time
 * @property {number} [quiet] Milliseconds of silence after which nothing more is expected
 * @property {boolean} [blind] What is seen depends on timing; only that the others live is compared
 * @property {string} [event] Vite's event that must stand in the log if it ends Vite's own process
 * @property {boolean} [midFrame] The steps end inside a frame, where no probe can be sent
 *
 * @typedef {object} Step One of:
 * @property {true} [open] A good handshake, answered, and the first message received
 * @property {object} [frame] A frame for `encode`
 * @property {string | Uint8Array} [drip] Written `size` bytes at a time, `gap` ms apart
 * @property {Uint8Array} [flood] Written `times` times, as fast as the socket takes it
 * @property {number} [wait]
 * @property {boolean} [deaf] Whether the client stops reading
 * @property {true} [heard] JavaScript on the other side has seen what was sent so far
 * @property {true} [fin]
 * @property {true} [rst]
 */

const QUIET_MS = 150
const ANSWER_MS = 2_000
/** What JavaScript has answered may still be on its way. */
const AFTERWARDS_MS = 20
/** A server in its closing handshake answers no ping, and is not waited for longer than this. */
const PROBE_MS = 400
const PROBE = 'is that all'

class Exchange {
  #waiting = new Set()
  #lastActivity = performance.now()

  constructor(target, { quiet = QUIET_MS, midFrame = false }) {
    this.target = target
    this.quiet = quiet
    this.midFrame = midFrame
    this.seen = new Observation(target, PROBE)
    this.socket = dial(target.port)
    this.socket.on('data', (chunk) => {
      this.#lastActivity = performance.now()
      this.seen.read(chunk)
      this.#wake()
    })
    this.socket.on('end', () => this.#ended())
    this.socket.on('finish', () => this.#wake())
    this.socket.on('connect', () => this.#wake())
    this.socket.on('error', () => this.#ended())
    this.socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  #ended() {
    if (!this.leaving) this.seen.ended = true
    this.#wake()
  }

  #wake() {
    for (const look of this.#waiting) look()
  }

  get gone() {
    return this.closed || this.seen.ended
  }

  /** Resolves when `ready` holds, the connection is gone, or the time is up. */
  until(ready, ms = ANSWER_MS) {
    return new Promise((resolve) => {
      const look = () => {
        if (!ready() && !this.gone) return
        this.#waiting.delete(look)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        resolve()
      }, ms)
      this.#waiting.add(look)
      look()
    })
  }

  async step(step) {
    if (typeof step === 'string' || step instanceof Uint8Array) return this.write(step)
    if (step.open) {
      this.write(handshake(this.target))
      return this.until(() => this.seen.frames.length > 0)
    }
    if (step.frame) return this.write(encode(step.frame))
    if (step.drip) return this.drip(step)
    if (step.flood) return this.flood(step)
    if (step.wait) return sleep(step.wait)
    if (step.heard) return this.target.canary.ask()
    if (step.fin) return void this.socket.end()
    if (step.deaf !== undefined) return void this.socket[step.deaf ? 'pause' : 'resume']()
    if (step.rst) {
      // A socket reset while it connects or shuts down keeps its handle, and with it this process.
      const { socket } = this
      await this.until(() => !socket.connecting && socket.writableEnded === socket.writableFinished)
      this.leaving = true
      this.socket.resetAndDestroy()
    }
  }

  write(source) {
    this.#lastActivity = performance.now()
    if (!this.gone && this.socket.writable) return this.socket.write(fill(source, this.target))
    return true
  }

  async drip({ drip, size = 1, gap = 0 }) {
    const bytes = bytesOf(fill(drip, this.target))
    for (let at = 0; at < bytes.length && !this.gone; at += size) {
      this.write(bytes.subarray(at, at + size))
      await (gap ? sleep(gap) : turn())
    }
  }

  async flood({ flood, times }) {
    for (let i = 0; i < times && !this.gone; i++) {
      if (this.write(flood)) continue
      const drained = new Promise((resolve) => this.socket.once('drain', resolve))
      await Promise.race([drained, this.until(() => false)])
    }
  }

  /**
   * A pong says that the bytes were read, the canary's answer that JavaScript has seen them. Both
   * are asked for, so that a loaded machine makes a case slower and not another.
   */
  async settle() {
    await (this.canProbe ? this.probe() : this.silence(this.quiet))
    if (this.gone || this.leaving) return
    await this.target.canary.ask()
    await (this.canProbe && this.seen.probes ? this.probe() : this.silence(AFTERWARDS_MS))
  }

  async silence(ms) {
    const silent = () => performance.now() - this.#lastActivity >= ms
    do await this.until(() => false, ms / 3)
    while (!this.gone && !silent())
  }

  get canProbe() {
    const silent = this.midFrame || this.leaving || this.socket.writableEnded
    return this.seen.upgraded && !silent
  }

  probe() {
    const before = this.seen.probes
    this.write(encode({ opcode: OPCODE.ping, payload: PROBE }))
    return this.until(() => this.seen.probes > before, PROBE_MS)
  }

  leave() {
    this.leaving = true
    this.socket.destroy()
  }
}

/**
 * The case once, over one socket.
 *
 * @param {import('./server-process.mjs').ServerProcess} target
 * @param {Case} hostile
 */
async function exchange(target, hostile) {
  const play = new Exchange(target, hostile)
  for (const step of hostile.steps) if (!play.gone) await play.step(step)
  await play.settle()
  play.leave()
  return play.seen.summary()
}

/**
 * The case as often as its crowd is large, with what all of them saw.
 *
 * @param {import('./server-process.mjs').ServerProcess} target
 * @param {Case} hostile
 * @returns {Promise<string[]>} lines, the same for the same answer
 */
export async function observe(target, hostile) {
  const crowd = Array.from({ length: hostile.crowd ?? 1 }, () => exchange(target, hostile))
  const summaries = await Promise.all(crowd)
  const distinct = [...new Set(summaries.map((lines) => lines.join('\n')))]
  return distinct.sort().flatMap((lines) => lines.split('\n'))
}
