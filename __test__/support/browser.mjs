// The Chromium of the tests, and waiting for what a page shows.
import { after, before } from 'node:test'
import { findChromium, launchChromium } from '../../scripts/browser.mjs'

export { launchChromium }

const TIMEOUT_MS = 20_000
const POLL_MS = 20

export const hasChromium = () => findChromium() !== undefined

/**
 * A browser for the tests of a file or of a `describe`, started before them and closed after them.
 *
 * @returns {Pick<import('playwright-core').Browser, 'newContext' | 'newPage'>}
 */
export function useChromium() {
  let browser
  before(async () => {
    browser = await launchChromium(console.log)
  })
  after(() => browser?.close())
  return {
    newContext: (options) => browser.newContext(options),
    newPage: (options) => browser.newPage(options),
  }
}

/**
 * Waits for a condition in a page. It survives reloads: the new document is asked instead.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} what Named in the error once the deadline has passed
 * @param {(arg: any) => unknown} condition Runs in the page
 * @param {unknown} [arg]
 */
export async function untilOnPage(page, what, condition, arg) {
  try {
    // Not once a frame, Playwright's default: a tab in the background draws none.
    await page.waitForFunction(condition, arg, { timeout: TIMEOUT_MS, polling: POLL_MS })
  } catch (error) {
    throw new Error(`${what}: not within ${TIMEOUT_MS} ms`, { cause: error })
  }
}
