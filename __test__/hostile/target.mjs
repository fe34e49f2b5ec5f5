import { fork } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Canary } from './canary.mjs'

const SERVER = fileURLToPath(new URL('vite-server.mjs', import.meta.url))
const START_MS = 30_000
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
export class Target {
  #child
  /** @type {string[]} */
  logs = []
  /** What a plugin heard from the raw sockets, if it listens. @type {string[]} */
  heard = []
  deaths = 0
  stderr = ''
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
    const env = { ...process.env, ...TARGETS[this.name], HOSTILE_PORT: String(this.port) }
    delete env.DEBUG
    delete env.HOSTILE_TOUCHED
    if (this.touched) env.HOSTILE_TOUCHED = '1'
    this.#open = 0
    const execArgv = ['--expose-gc']
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc']
    const child = fork(SERVER, [this.name], { env, execArgv, stdio })
    this.#child = child
    this.stderr = ''
    child.stderr.on('data', (chunk) => (this.stderr = (this.stderr + chunk).slice(-4000)))
    child.on('message', ({ log, heard }) => {
      if (log) this.logs.push(log)
      if (heard) this.#hear(heard)
    })
    this.token = await new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${this.name}: ${why}\n${this.stderr}`))
      const timer = setTimeout(fail, START_MS, 'no server')
      child.on('message', (message) => {
        if (!message.token) return
        clearTimeout(timer)
        resolve(message.token)
      })
      child.once('exit', (code) => fail(`the server ended with ${code}`))
    })
    this.canary = await Canary.connect(this)
  }

  get alive() {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Whether the canary got its broadcast; a dead server is started again. */
  async examine() {
    const heard = await this.canary.ask()
    if (!heard) await sleep(LAST_BREATH_MS)
    if (this.alive) return { died: false, heard }
    this.deaths++
    const why = this.stderr
    await this.start()
    return { died: true, heard: false, why }
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
    const { pid } = this.#child
    const collected = new Promise((resolve) => {
      const listen = (message) => {
        if (!message.collected) return
        this.#child.off('message', listen)
        resolve()
      }
      this.#child.on('message', listen)
    })
    this.#child.send('collect')
    await collected
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const resident = Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024
    return { pid, descriptors: readdirSync(`/proc/${pid}/fd`).length, resident }
  }

  async stop() {
    this.canary.close()
    const exited = new Promise((resolve) => this.#child.once('exit', resolve))
    if (!this.alive) return
    this.#child.kill('SIGKILL')
    await exited
  }
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
