// A program of this folder in a process of its own, asked over IPC.
import { fork } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { within } from '../server/harness.mjs'

const ANSWER_MS = 60_000

export class Program {
  #child
  #questions = new Map()
  #count = 0
  #stderr = ''

  /** Starts `file` and waits until it answers; it ends with the test. */
  static async start(t, file, settings = {}) {
    const program = new Program(file, settings)
    t.after(() => program.end())
    program.about = await program.ask('about')
    return program
  }

  constructor(file, settings) {
    const path = fileURLToPath(new URL(file, import.meta.url))
    const env = { ...process.env }
    delete env.VITE_NATIVE_WS
    delete env.VITE_NATIVE_WS_TRANSPORT
    this.#child = fork(path, [JSON.stringify(settings)], {
      env,
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr.on('data', (chunk) => {
      this.#stderr += chunk
    })
    this.#child.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.#questions.get(id)
      this.#questions.delete(id)
      if (error) reject(new Error(error))
      else resolve(result)
    })
    this.exit = new Promise((resolve) => {
      this.#child.on('exit', (code, signal) => {
        resolve({ code, signal })
        const error = new Error(`${file} ended with ${code ?? signal}\n${this.#stderr}`)
        for (const { reject } of this.#questions.values()) reject(error)
        this.#questions.clear()
      })
    })
  }

  get pid() {
    return this.#child.pid
  }

  get isAlive() {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get stderr() {
    return this.#stderr
  }

  /** The answer of one of its commands. */
  ask(name, argument = {}) {
    const id = ++this.#count
    const answer = new Promise((resolve, reject) => this.#questions.set(id, { resolve, reject }))
    this.#child.send({ id, name, argument })
    return within(answer, `the answer to "${name}"`, ANSWER_MS)
  }

  /** Its open descriptors. */
  descriptors() {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  /** The most memory it has had resident, in bytes. */
  peak() {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+)/.exec(status)[1]) * 1024
  }

  kill(signal) {
    this.#child.kill(signal)
  }

  async end() {
    if (this.isAlive) this.#child.kill('SIGKILL')
    await this.exit
  }
}
