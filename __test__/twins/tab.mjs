// One tab of a browser, behind a proxy of its own.
import { setTimeout as delay } from 'node:timers/promises'
import { OutageProxy } from './outage-proxy.mjs'
import { look } from './snapshot.mjs'

const OPEN_MS = 60_000
const POLL_MS = 25
/** Bundled dev shows this where a page is still to come, and reloads it in the end. */
const WAITING = 'Bundling in progress'
/** It is never reloaded when the bundle was ready before it was connected. */
const WAITING_MS = 3_000
const TYPED = 'half a sentence'

/** Of the browser, in place of a page that it could not load. */
const isErrorPage = (url) => /^(chrome-error|about:neterror)/.test(url)

export class Tab {
  /** Documents of the app that were loaded, the first one included. */
  loads = 0
  /** The document's client has said that it is connected. */
  isConnected = false
  isWaiting = false
  isLoading = false
  /** A script of the document could not be had, so nothing of it may have run. */
  isLoadBroken = false
  lines = []

  static async open(browser, server) {
    const tab = new Tab()
    tab.server = server
    tab.proxy = await OutageProxy.open(server.port)
    tab.context = await browser.newContext({ ignoreHTTPSErrors: true })
    tab.page = await tab.context.newPage()
    tab.page.on('domcontentloaded', () => tab.#parsed())
    // A router that replaces its history entry navigates as well, and asks for nothing.
    let isRequested = false
    tab.page.on('request', (request) => {
      if (!request.isNavigationRequest() || request.frame()?.parentFrame()) return
      isRequested = true
      tab.#request()
    })
    tab.page.on('framenavigated', (frame) => {
      if (frame !== tab.page.mainFrame() || !isRequested) return
      isRequested = false
      tab.#load(frame)
    })
    tab.page.on('load', () => {
      tab.isLoading = false
    })
    const fail = (request) => {
      if (tab.isLoading && request.resourceType() === 'script') tab.isLoadBroken = true
    }
    tab.page.on('requestfailed', fail)
    tab.page.on('response', (response) => response.status() >= 400 && fail(response.request()))
    tab.page.on('console', (message) => {
      const text = message.text()
      if (text === '[vite] connected.') tab.isConnected = true
      tab.#note(text.startsWith('Failed to load') ? `${text} ${message.location().url}` : text)
    })
    tab.page.on('pageerror', ({ message }) => tab.#note(`uncaught: ${message}`))
    return tab
  }

  /** Firefox says that a document is there when the client in it may be connected. */
  #request() {
    this.isConnected = false
    this.isWaiting = false
    this.isLoading = true
    this.isLoadBroken = false
  }

  #load(frame) {
    if (!isErrorPage(frame.url())) this.loads += 1
  }

  async #parsed() {
    const { loads } = this
    this.#note('(a document was loaded)')
    if (!(await this.#showsWaiting()) || loads !== this.loads) return
    this.isWaiting = true
    this.loads -= 1
  }

  async #showsWaiting() {
    const heading = () => document.querySelector('h1')?.textContent
    return (await this.page.evaluate(heading).catch(() => undefined)) === WAITING
  }

  #note(line) {
    this.lines.push(`${new Date().toISOString().slice(17, 23)} ${line}`)
  }

  get url() {
    return this.server.url(this.proxy.port)
  }

  /** A new document, whose client is connected and which shows what it is to show. */
  async visit(path = '', isShown = () => true) {
    this.lines = []
    await this.page.goto(this.url + path, { timeout: OPEN_MS })
    const soon = Date.now() + WAITING_MS
    while (Date.now() < soon && (!this.isConnected || (await this.#showsWaiting()))) {
      await delay(POLL_MS)
    }
    if (await this.#showsWaiting()) await this.page.reload()
    await this.until(
      (seen) => !this.isStranded && isShown(seen),
      'the page to be connected and complete',
      OPEN_MS,
    )
  }

  async leave() {
    await this.page.goto('about:blank')
    this.loads = 0
  }

  /** @returns {Promise<{ text: string[], overlay: string[] } | undefined>} Nothing in between. */
  look() {
    return this.page.evaluate(look).catch(() => undefined)
  }

  async until(condition, what, milliseconds) {
    const end = Date.now() + milliseconds
    for (;;) {
      const seen = await this.look()
      if (seen && condition(seen)) return seen
      if (Date.now() > end) {
        const state = JSON.stringify(seen ?? 'nothing', undefined, 2)
        throw new Error(
          `${what}: not within ${milliseconds} ms. The page shows ${state}\n${this.lines.join('\n')}`,
        )
      }
      await delay(POLL_MS)
    }
  }

  /** The browser could not load the page, or its client never came up. */
  get isStranded() {
    return this.isWaiting || !this.isConnected || isErrorPage(this.page.url())
  }

  /** A form beside the app, which no framework renders again. */
  async type() {
    await this.page.evaluate((typed) => {
      const form = document.createElement('form')
      form.dataset.twins = ''
      form.innerHTML = '<input>'
      document.documentElement.append(form)
      form.firstChild.value = typed
    }, TYPED)
  }

  async isKept() {
    const value = () => document.querySelector('form[data-twins] input')?.value
    return (await this.page.evaluate(value).catch(() => undefined)) === TYPED
  }

  async close() {
    await this.context.close()
    await this.proxy.stop()
  }
}
