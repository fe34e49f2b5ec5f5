// A tab in Chromium, connected to its server through a proxy of its own.
import { until } from '../support/deadline.mjs'

export class Tab {
  loads = 0
  lines = []
  /** The browser's own among them: what it writes in red. */
  errors = []

  constructor(proxy, context, page) {
    this.proxy = proxy
    this.context = context
    this.page = page
    page.on('load', () => {
      this.loads += 1
    })
    page.on('console', (message) => {
      this.lines.push(message.text())
      if (message.type() === 'error') this.errors.push(message.text())
    })
  }

  async open(url) {
    await this.page.goto(url)
    await this.isReady()
  }

  /** The page has run, and its server knows that it may come back: before, a loss is Vite's affair. */
  async isReady() {
    await this.page.waitForFunction('window.isReady === true')
    const connected = () => this.lines.filter((line) => line === '[vite] connected.').length
    await until(() => connected() >= this.loads && this.loads > 0, 'the tab to be connected')
    await this.page.evaluate('answered()')
  }

  /** What a developer does not want to lose. */
  async fill() {
    await this.page.fill('#text', 'half a sentence')
    await this.page.click('#counter')
    await this.page.click('#counter')
  }

  async state() {
    return this.page.evaluate(`({
      text: document.querySelector('#text').value,
      counter: document.querySelector('#counter').textContent,
      applied: window.applied,
      told: window.told,
      overlay: document.querySelectorAll('vite-error-overlay').length,
    })`)
  }

  text(selector, wanted) {
    return this.page.waitForFunction(
      ([where, text]) => document.querySelector(where)?.textContent === text,
      [selector, wanted],
    )
  }

  /** The connection is gone, and the page knows. */
  async cut() {
    const before = this.said('connection lost')
    this.proxy.cut()
    await until(() => this.said('connection lost') > before, 'the page to notice')
  }

  said(text) {
    return this.lines.filter((line) => line.includes(text)).length
  }
}
