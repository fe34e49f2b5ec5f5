// A process of its own: what it wrote and how it ended. Every one has a deadline.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Far above what any takes: 500 workers took 265 s on a machine that was six times overbooked. */
export const DEADLINE_MS = 600_000
const SHOWN_LINES = 40
/** How long the last of its output may take once it has ended. */
const LAST_OUTPUT_MS = 1_000

/** What a developer may have set in the shell, and what a test runner sets for its own children. */
const OTHERS_VARIABLES = [
  'DEBUG',
  'FORCE_COLOR',
  'NODE_OPTIONS',
  'NODE_TEST_CONTEXT',
  'VITE_NATIVE_WS',
  'VITE_NATIVE_WS_TRANSPORT',
]

export class Child {
  stdout = ''
  stderr = ''
  /** Both, as they came. */
  output = ''
  #waiting = new Set()

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {object} [options]
   * @param {string} [options.cwd]
   * @param {Record<string, string | undefined>} [options.env] Beside this process's own
   * @param {boolean} [options.ipc] Whether it can be sent messages
   * @param {number} [options.deadline] Milliseconds after which it is killed
   */
  constructor(command, args, { cwd, env = {}, ipc = false, deadline = DEADLINE_MS } = {}) {
    const all = { ...process.env, NO_COLOR: '1', ...env }
    for (const name of OTHERS_VARIABLES) if (!(name in env)) delete all[name]
    const stdio = ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc'] : [])]
    this.process = spawn(command, args, { cwd, env: all, stdio })
    for (const name of ['stdout', 'stderr']) {
      this.process[name].setEncoding('utf8').on('data', (text) => this.#hear(name, text))
    }
    /** How it ended, once all of its output is there. */
    this.exit = this.#watch(deadline)
  }

  /** Runs a program that must end with 0, and returns its output. */
  static async run(command, args, options) {
    const child = new Child(command, args, options)
    const { code } = await child.exit
    if (code !== 0) throw new Error(await child.describe())
    return child.output
  }

  get pid() {
    return this.process.pid
  }

  get isAlive() {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  /** The first match in its output. */
  said(pattern) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.output)
        if (!match) return
        this.#waiting.delete(look)
        resolve(match)
      }
      this.#waiting.add(look)
      look()
      this.exit.then(async () => {
        reject(new Error(`it ended before it said ${pattern}\n${await this.describe()}`))
      })
    })
  }

  /** How it ended, for people, with the last that it said. */
  async describe() {
    const { code, signal, isLate } = await this.exit
    const how = isLate ? 'not over at its deadline' : `ended with ${signal ?? code}`
    return `${how}\n${this.output.trim().split('\n').slice(-SHOWN_LINES).join('\n')}`
  }

  /** Its open descriptors. Linux only. */
  descriptors() {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  /**
   * Its memory by a name of `/proc/PID/status`, in bytes: `VmRSS` now, `VmHWM` at most. Linux only.
   *
   * @param {'VmRSS' | 'VmHWM'} name
   */
  memory(name) {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) * 1024
  }

  kill(signal) {
    this.process.kill(signal)
  }

  async end() {
    if (this.isAlive) this.kill('SIGKILL')
    await this.exit
  }

  #hear(name, text) {
    this[name] += text
    this.output += text
    for (const look of this.#waiting) look()
  }

  #watch(deadline) {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      this.kill('SIGKILL')
    }, deadline)
    timer.unref()
    return new Promise((resolve) => {
      const end = (code, signal) => {
        clearTimeout(timer)
        resolve({ code, signal, isLate })
      }
      this.process.on('error', (error) => {
        this.#hear('stderr', error.stack)
        end(null, null)
      })
      this.process.on('close', end)
      // Its own children may hold its pipes open.
      this.process.on('exit', (code, signal) => setTimeout(end, LAST_OUTPUT_MS, code, signal))
    })
  }
}
