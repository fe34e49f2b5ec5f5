import { existsSync } from 'node:fs'
import { within } from './deadline.mjs'

export const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

let browser

async function launch() {
  const { chromium } = await import('playwright-core')
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
}

export function hasBrowser() {
  return existsSync(CHROMIUM)
}

/** A tab at this address, with what its console and its errors say. */
export async function openTab(t, url) {
  browser ??= launch()
  const context = await (await browser).newContext({ ignoreHTTPSErrors: true })
  t.defer(() => context.close())
  const page = await context.newPage()
  const tab = { page, errors: [], sent: [], received: [] }
  page.setDefaultTimeout(15_000)
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => tab.sent.push(String(payload)))
    socket.on('framereceived', ({ payload }) => tab.received.push(String(payload)))
  })
  page.on('pageerror', (error) => tab.errors.push(error.message))
  await page.goto(url, { waitUntil: 'load' })
  tab.text = (selector, wanted) =>
    page.waitForFunction(
      ([where, text]) => document.querySelector(where)?.textContent?.includes(text),
      [selector, wanted],
    )
  // A reload loses the mark: what is still there was updated in place.
  tab.mark = () => page.evaluate('window.parityMark = true')
  tab.isMarked = () => page.evaluate('window.parityMark === true')
  tab.reloaded = () => page.waitForFunction('window.parityMark === undefined')
  tab.connected = () =>
    within(page.waitForFunction('window.parityConnected === true'), 'the client to connect')
  return tab
}
