// A program of the tests in a process of its own, asked over IPC. Its other end is commands.mjs.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Child } from './child.mjs'
import { within } from './deadline.mjs'

const ANSWER_MS = 60_000

export class Program extends Child {
  #questions = new Map()
  #count = 0

  /** Starts a program and waits until it answers `about`; it ends with the test. */
  static async start(t, file, settings, options) {
    const program = new Program(file, settings, options)
    t?.after(() => program.end())
    program.about = await program.ask('about')
    return program
  }

  /**
   * @param {URL} file
   * @param {object} [settings] What it finds in `settings()`
   * @param {object} [options]
   * @param {Record<string, string | undefined>} [options.env]
   * @param {string[]} [options.flags] Of Node
   * @param {(message: any) => void} [options.onTold] Hears what it says unasked
   */
  constructor(file, settings = {}, { env, flags = ['--expose-gc'], onTold = () => {} } = {}) {
    const path = fileURLToPath(file)
    const args = [...flags, path, JSON.stringify(settings)]
    super(process.execPath, args, { env, ipc: true, deadline: 2 ** 31 - 1 })
    this.process.on('message', ({ id, result, error, told }) => {
      if (id === undefined) return onTold(told)
      const { resolve, reject } = this.#questions.get(id)
      this.#questions.delete(id)
      if (error) reject(new Error(error))
      else resolve(result)
    })
    this.exit.then(async () => {
      const error = new Error(`${path} ${await this.describe()}`)
      for (const { reject } of this.#questions.values()) reject(error)
      this.#questions.clear()
    })
  }

  /** The answer of one of its commands. */
  ask(name, argument = {}, milliseconds = ANSWER_MS) {
    const id = ++this.#count
    const answer = new Promise((resolve, reject) => this.#questions.set(id, { resolve, reject }))
    if (this.process.connected) this.process.send({ id, name, argument })
    return within(answer, `the answer to "${name}"`, milliseconds)
  }

  /** Lets it end by itself: so it also ends what it has started, such as a browser. */
  async leave(milliseconds) {
    if (!this.isAlive) return
    const ended = once(this.process, 'exit')
    if (this.process.connected) this.process.disconnect()
    await within(ended, 'its end', milliseconds).catch(() => this.end())
  }
}
