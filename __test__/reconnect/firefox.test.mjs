// The page's half in Firefox, driven over WebDriver BiDi. FIREFOX_PATH names another one.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import puppeteer from 'puppeteer-core'
import { until } from '../support/deadline.mjs'
import { part, Site, viteOf } from './site.mjs'
import { Tab } from './tab.mjs'

const executablePath = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr'
const skip = existsSync(executablePath) ? false : 'there is no Firefox'

/** Puppeteer's pages take other arguments than Playwright's. */
class FirefoxTab extends Tab {
  async fill() {
    await this.page.type('#text', 'half a sentence')
    await this.page.click('#counter')
    await this.page.click('#counter')
  }

  async text(selector, wanted) {
    const shown = () => this.page.evaluate(`document.querySelector('${selector}')?.textContent`)
    await until(
      async () => (await shown().catch(() => undefined)) === wanted,
      `${selector} ${wanted}`,
    )
  }
}

describe('a page in Firefox, with Vite 8', { skip }, () => {
  let browser
  before(async () => {
    const acceptInsecureCerts = true
    browser = await puppeteer.launch({ browser: 'firefox', executablePath, acceptInsecureCerts })
  })
  after(() => browser?.close())

  const open = async (t, options) => {
    const tabs = { newContext: () => browser.createBrowserContext() }
    return Site.open(t, { vite: await viteOf(8), browser: tabs, tabClass: FirefoxTab, ...options })
  }

  for (const https of [false, true]) {
    it(`keeps its state over a cut (${https ? 'https' : 'http'})`, async (t) => {
      const site = await open(t, { https })
      const tab = await site.tab()
      await tab.fill()
      await tab.cut()
      for (const name of ['a', 'b', 'c']) await site.change(name, 2)
      tab.proxy.restore()
      for (const name of ['a', 'b', 'c']) await tab.text(`#${name}`, '2')
      await site.change('a', 3)
      await tab.text('#a', '3')
      const { text, counter, applied } = await tab.state()
      assert.deepEqual([text, counter], ['half a sentence', '2'])
      assert.deepEqual(applied, ['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3'])
      assert.equal(tab.loads, 1)
    })
  }

  it('reloads once when the server was restarted while it was away', async (t) => {
    const site = await open(t)
    const tab = await site.tab()
    await tab.cut()
    await site.server.restart()
    tab.proxy.restore()
    await until(() => tab.loads === 2, 'the reload')
    await tab.isReady()
  })

  it('reloads when the fetch of an update failed before the loss', async (t) => {
    const site = await open(t)
    const tab = await site.tab()
    // The socket lives on.
    tab.proxy.isDown = true
    for (const link of tab.proxy.links) if (!link.isWebSocket) link.reset()
    site.edit('a.js', part('a', 2))
    await until(() => tab.said('Failed to reload') > 0, 'the failed fetch')
    await tab.cut()
    tab.proxy.restore()
    await tab.text('#a', '2')
  })
})
