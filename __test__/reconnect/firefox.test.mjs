// The page's half in Firefox, driven over WebDriver BiDi. FIREFOX_PATH names another one.
import { existsSync } from 'node:fs'
import { after, before, describe } from 'node:test'
import puppeteer from 'puppeteer-core'
import { until } from '../support/deadline.mjs'
import { testReturns } from './returns.mjs'
import { Site, viteOf } from './site.mjs'
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

  testReturns(open)
})
