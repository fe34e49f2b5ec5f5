import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const PATIENCE_MS = 120_000

/** A process that takes orders as JSON lines, one at a time, and answers each with one line. */
export class Child {
  /**
   * @param {string} name
   * @param {string} command
   * @param {string[]} args
   * @param {Record<string, string>} [env]
   */
  constructor(name, command, args, env = {}) {
    this.name = name
    this.process = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    this.pid = this.process.pid
    this.said = ''
    this.process.stderr.on('data', (chunk) => {
      this.said = `${this.said}${chunk}`.slice(-4000)
    })
    this.process.stdin.on('error', () => {})
    this.process.once('error', (error) => this.fail(error.message))
    this.process.once('exit', (code, signal) => this.fail(`it ended with ${signal ?? code}`))
    createInterface({ input: this.process.stdout }).on('line', (line) => this.hear(line))
    this.greeting = this.answer('start')
  }

  /** @param {{ do: string }} order */
  ask(order) {
    const answer = this.answer(order.do)
    this.process.stdin.write(`${JSON.stringify(order)}\n`)
    return answer
  }

  answer(what) {
    if (this.failure) return Promise.reject(new Error(this.failure))
    const { promise, resolve, reject } = deferred()
    const late = () => this.fail(`no answer to "${what}" within ${PATIENCE_MS / 1000} s`)
    const timer = setTimeout(late, PATIENCE_MS)
    this.waiting = { resolve, reject, timer }
    return promise
  }

  hear(line) {
    const { waiting } = this
    if (!waiting) return this.fail(`it said, unasked: ${line}`)
    this.waiting = undefined
    clearTimeout(waiting.timer)
    const value = JSON.parse(line)
    if (value.error) waiting.reject(new Error(`${this.name}: ${value.error}`))
    else waiting.resolve(value)
  }

  fail(reason) {
    this.failure ??= `${this.name}: ${reason}\n${this.said}`.trim()
    clearTimeout(this.waiting?.timer)
    this.waiting?.reject(new Error(this.failure))
    this.waiting = undefined
  }

  stop() {
    this.failure ??= `${this.name}: it was stopped`
    if (this.process.exitCode !== null || this.process.signalCode !== null) return undefined
    const ended = new Promise((resolve) => this.process.once('exit', resolve))
    this.process.kill('SIGKILL')
    return ended
  }
}

function deferred() {
  let settle
  const promise = new Promise((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...settle }
}
