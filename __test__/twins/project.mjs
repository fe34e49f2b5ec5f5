// The folder of an app, made from its template, and the edits of it.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { filesOf, initialState } from './apps/app.mjs'

/** Vite's watcher drops a change that follows another of the same file more closely. */
const THROTTLE_MS = 120

export class Project {
  #written = new Map()

  /** @param {import('./apps/app.mjs').App} app @param {string} packages Their folder. */
  constructor(app, packages) {
    this.app = app
    this.root = mkdtempSync(join(tmpdir(), `twins-${app.name}-`))
    this.state = initialState(app)
    this.files = filesOf(app, this.state)
    symlinkSync(`${packages}/node_modules`, join(this.root, 'node_modules'))
    for (const [name, text] of Object.entries(this.files)) this.#write(name, text)
  }

  #write(name, text) {
    const path = join(this.root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    this.#written.set(name, performance.now())
  }

  /** @param {string} slot */
  bump(slot) {
    const { values } = this.state
    return this.#become({ ...this.state, values: { ...values, [slot]: values[slot] + 1 } })
  }

  /** @param {string} file */
  break(file) {
    return this.#become({ ...this.state, broken: file })
  }

  /** @param {string} [slot] Something in the file that is changed by the way. */
  mend(slot) {
    const { values } = this.state
    return this.#become({ values: slot ? { ...values, [slot]: values[slot] + 1 } : values })
  }

  async #become(state) {
    const files = filesOf(this.app, state)
    const changed = Object.keys(files).filter((name) => files[name] !== this.files[name])
    this.state = state
    this.files = files
    for (const name of changed) {
      const since = performance.now() - this.#written.get(name)
      if (since < THROTTLE_MS) await delay(THROTTLE_MS - since)
      this.#write(name, files[name])
    }
  }

  remove() {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 })
  }
}
