// Firefox over WebDriver BiDi, with as much of Playwright's interface as the tabs of the suites use.
import { existsSync } from 'node:fs'
import puppeteer from 'puppeteer-core'
import { until } from './deadline.mjs'

const executablePath = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr'

/** Why there is no Firefox, or `false`. */
export function lacksFirefox() {
  return existsSync(executablePath) ? false : 'there is no Firefox'
}

export async function launchFirefox() {
  const acceptInsecureCerts = true
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    acceptInsecureCerts,
  })
  const newContext = async () => {
    const context = await browser.createBrowserContext()
    const newPage = async () => asPlaywright(await context.newPage())
    return { newPage, close: () => context.close() }
  }
  return { newContext, close: () => browser.close() }
}

/** Puppeteer's pages take other arguments than Playwright's. */
function asPlaywright(page) {
  return Object.assign(page, {
    fill: (selector, text) => page.type(selector, text),
    waitForFunction: (condition, arg) =>
      until(() => page.evaluate(condition, arg).catch(() => false), String(condition)),
    // As with `waitUntil: 'commit'`.
    reload: async () => {
      const navigated = new Promise((resolve) => page.once('framenavigated', resolve))
      await page.evaluate('location.reload()').catch(() => {})
      await navigated
    },
  })
}
