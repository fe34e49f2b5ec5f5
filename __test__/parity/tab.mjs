// A tab in Chromium, for scenarios.
import { launchChromium } from '../support/browser.mjs'
import { DEADLINE_MS, within } from '../support/deadline.mjs'

let browser

/** A tab at this address, with what its console and its errors say. */
export async function openTab(t, url) {
  browser ??= launchChromium()
  const context = await (await browser).newContext({ ignoreHTTPSErrors: true })
  t.defer(() => context.close())
  const page = await context.newPage()
  const tab = { page, errors: [], sent: [], received: [] }
  page.setDefaultTimeout(DEADLINE_MS)
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
