import { setTimeout as delay } from 'node:timers/promises'

const timeout = 15_000
const polling = 20

/**
 * Waits for a condition, in the page when there is one, otherwise in this process.
 * In the page it survives reloads: the new document is asked instead.
 *
 * @param {import('playwright-core').Page | null} page
 * @param {string} what named in the error once the deadline has passed
 * @param {(arg: any) => unknown} condition
 * @param {unknown} [arg]
 */
export async function until(page, what, condition, arg) {
  try {
    // Not once a frame, Playwright's default: a tab in the background draws none.
    if (page) await page.waitForFunction(condition, arg, { timeout, polling })
    else await poll(condition, arg)
  } catch (error) {
    throw new Error(`waited ${timeout / 1000} s in vain for ${what}`, { cause: error })
  }
}

async function poll(condition, arg) {
  const end = performance.now() + timeout
  while (!(await condition(arg))) {
    if (performance.now() > end) throw new Error('the condition never held')
    await delay(polling)
  }
}
