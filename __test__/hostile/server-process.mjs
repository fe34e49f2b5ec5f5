// The servers that the catalogue is played against.
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../support/port.mjs'
import { Program } from '../support/program.mjs'
import { Canary } from './canary.mjs'

const SERVER = new URL('vite-server.mjs', import.meta.url)
const MIB = 1024 * 1024
/** How long a process that is about to end may take to do so. */
const LAST_BREATH_MS = 25
const CLOSE_MS = 1_500
const CANARIES = 1

export const TARGETS = {
  vite: {},
  adopted: {},
  bridged: { VITE_NATIVE_WS_TRANSPORT: 'bridge' },
}

/** A Vite dev server in a process of its own, with its canary; started again when it dies. */
export class ServerProcess {
  #program
  /** @type {string[]} */
  logs = []
  /** What a plugin heard from the raw sockets, if it listens. @type {string[]} */
  heard = []
  deaths = 0
  #open = 0
  #settled

  /**
   * @param {keyof typeof TARGETS} name
   * @param {{ touched?: boolean }} [options] Whether a plugin listens to the raw sockets
   */
  constructor(name, { touched = false } = {}) {
    this.name = name
    this.touched = touched
  }

  async start() {
    this.port = await freePort()
    this.#open = 0
    const { name, port, touched } = this
    this.#program = await Program.start(
      undefined,
      SERVER,
      { name, port, touched },
      { env: TARGETS[name], onTold: (told) => this.#note(told) },
    )
    this.token = this.#program.about.token
    this.canary = await Canary.connect(this)
  }

  get isAlive() {
    return this.#program.isAlive
  }

  /** Whether the canary got its broadcast; a dead server is started again. */
  async examine() {
    const heard = await this.canary.ask()
    if (!heard) await sleep(LAST_BREATH_MS)
    if (this.isAlive) return { died: false, heard }
    this.deaths++
    const why = this.#program.stderr
    await this.start()
    return { died: true, heard: false, why }
  }

  #note({ log, heard }) {
    if (log) this.logs.push(log)
    if (heard) this.#hear(heard)
  }

  #hear(what) {
    if (what === 'open') this.#open++
    else this.heard.push(what)
    if (what.startsWith('close')) this.#open--
    if (this.#open <= CANARIES) this.#settled?.()
  }

  /** What the plugin heard of this case, once every socket but the canary's has closed. */
  async testimony() {
    if (!this.touched) return []
    if (this.#open > CANARIES) {
      const settled = new Promise((resolve) => (this.#settled = resolve))
      await Promise.race([settled, sleep(CLOSE_MS)])
    }
    return this.heard.splice(0).sort()
  }

  /** Descriptors and resident MiB of the server process. Linux only, elsewhere undefined. */
  async footprint() {
    if (process.platform !== 'linux') return undefined
    await this.#program.ask('collect')
    const { pid } = this.#program
    const resident = this.#program.memory('VmRSS') / MIB
    return { pid, descriptors: this.#program.descriptors(), resident }
  }

  async stop() {
    this.canary.leave()
    await this.#program.end()
  }
}
