// WebKitGTK over WebDriver, with as much of Playwright's interface as the tabs of this folder use.
import { existsSync, readdirSync } from 'node:fs'
import { Child } from './child.mjs'
import { until } from './deadline.mjs'
import { freePort } from './port.mjs'

const DRIVER = '/usr/bin/WebKitWebDriver'
const DISPLAY = '/usr/bin/Xvfb'
const DEBIAN = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch]
const LIBRARIES = [`/usr/lib/${DEBIAN}`, '/usr/libexec', '/usr/lib']
const POLL_MS = 50

/** How the interface names an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'

/** It stands in a folder of the library's version. */
function findMiniBrowser() {
  const folders = LIBRARIES.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^webkit2?gtk-/.test(name))
      .map((name) => `${folder}/${name}`),
  )
  return folders.map((folder) => `${folder}/MiniBrowser`).find((path) => existsSync(path))
}

/** Why there is no WebKit, or `false`. */
export function lacksWebKit() {
  if (!existsSync(DRIVER) || !findMiniBrowser()) return 'there is no WebKitWebDriver'
  return existsSync(DISPLAY) ? false : 'there is no Xvfb'
}

/**
 * Keeps what pages write to their consoles, and that they were loaded, over all documents of a tab: this
 * driver has no events.
 */
export function withKeptEvents() {
  const script = `
    const keep = (type, text) => {
      const kept = JSON.parse(sessionStorage.getItem('kept') ?? '[]')
      sessionStorage.setItem('kept', JSON.stringify([...kept, { type, text }]))
    }
    for (const type of ['log', 'debug', 'info', 'warn', 'error']) {
      const write = console[type]
      console[type] = (...args) => {
        keep(type, args.join(' '))
        write.apply(console, args)
      }
    }
    addEventListener('load', () => keep('load'))`
  return {
    name: 'with-kept-events',
    transformIndexHtml: () => [{ tag: 'script', children: script, injectTo: 'head-prepend' }],
  }
}

/** A screen that nobody sees; every context is a browser of its own on it. */
export class WebKit {
  static async launch() {
    const webkit = new WebKit()
    webkit.screen = new Child(DISPLAY, ['-displayfd', '1', '-nolisten', 'tcp'])
    const [, display] = await webkit.screen.said(/^(\d+)\n/)
    webkit.env = { DISPLAY: `:${display}`, GDK_BACKEND: 'x11', WAYLAND_DISPLAY: undefined }
    return webkit
  }

  async newContext() {
    const port = await freePort()
    const driver = new Child(DRIVER, [`--port=${port}`], { env: this.env })
    const page = new WebKitPage(`http://127.0.0.1:${port}`)
    const close = async () => {
      await page.close()
      await driver.end()
    }
    try {
      await until(() => page.isServed(), 'the driver')
      await page.begin(findMiniBrowser())
    } catch (error) {
      await driver.end()
      throw error
    }
    return { newPage: async () => page, close }
  }

  close() {
    return this.screen.end()
  }
}

class WebKitPage {
  #session
  #seen = 0
  #listeners = { load: [], console: [] }
  /** The driver takes one command at a time. */
  #last = Promise.resolve()

  constructor(driver) {
    this.driver = driver
  }

  isServed() {
    return fetch(`${this.driver}/status`).then(
      () => true,
      () => false,
    )
  }

  async begin(binary) {
    const alwaysMatch = {
      acceptInsecureCerts: true,
      'webkitgtk:browserOptions': { binary, args: ['--automation'] },
    }
    const { sessionId } = await this.#ask('POST', '/session', { capabilities: { alwaysMatch } })
    this.#session = `/session/${sessionId}`
    this.#poll()
  }

  async close() {
    this.isClosed = true
    clearTimeout(this.timer)
    await this.#ask('DELETE', this.#session)
  }

  on(type, listener) {
    this.#listeners[type].push(listener)
  }

  async goto(url) {
    await this.#act('/url', { url })
  }

  async goBack() {
    await this.#act('/back', {})
  }

  evaluate(expression) {
    return this.#act('/execute/sync', { script: `return (${expression})`, args: [] })
  }

  async waitForFunction(condition, arg) {
    const call =
      typeof condition === 'string' ? condition : `(${condition})(${JSON.stringify(arg)})`
    await until(() => this.evaluate(call).catch(() => false), call)
  }

  async fill(selector, text) {
    await this.#act(`/element/${await this.#find(selector)}/value`, { text })
  }

  async click(selector) {
    await this.#act(`/element/${await this.#find(selector)}/click`, {})
  }

  async #find(value) {
    const element = await this.#act('/element', { using: 'css selector', value })
    return element[ELEMENT]
  }

  #act(path, body) {
    return this.#ask('POST', this.#session + path, body)
  }

  #ask(method, path, body) {
    const answer = this.#last.then(() => this.#request(method, path, body))
    this.#last = answer.catch(() => {})
    return answer
  }

  async #request(method, path, body) {
    const response = await fetch(this.driver + path, { method, body: JSON.stringify(body) })
    const { value } = await response.json()
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}, ${value.message}`)
    return value
  }

  /** Tells its listeners what is new. Between two documents there is nobody to be asked. */
  async #poll() {
    const fresh = await this.evaluate(
      `JSON.parse(sessionStorage.getItem('kept') ?? '[]').slice(${this.#seen})`,
    ).catch(() => [])
    this.#seen += fresh.length
    for (const { type, text } of fresh) {
      const event = { type: () => type, text: () => text }
      for (const listener of this.#listeners[type] ?? this.#listeners.console) listener(event)
    }
    if (!this.isClosed) this.timer = setTimeout(() => this.#poll(), POLL_MS)
  }
}
