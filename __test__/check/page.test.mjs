// The page of the check, in Chromium.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useChromium } from '../support/browser.mjs'
import { CASES } from './cases.mjs'
import { serve } from './site.mjs'

const DEADLINE_MS = 60_000

const browser = useChromium()

/** Opens the check of an application, and waits for what it says. */
async function check(t, address) {
  const page = await browser.newPage({ ignoreHTTPSErrors: true })
  t.after(() => page.close())
  const problems = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) problems.push(message.text())
  })
  const folder = address.endsWith('/') ? address : `${address}/`
  await page.goto(`${folder}__ws/check`)
  await page.waitForSelector('#again:not([hidden])', { timeout: DEADLINE_MS })
  const { state, cause } = await page.evaluate(() => ({ ...document.body.dataset }))
  assert.deepEqual(problems, [])
  return {
    page,
    state,
    cause,
    sentence: await page.textContent('#sentence'),
    remedy: await page.textContent('#remedy'),
    results: await page.textContent('#results'),
  }
}

test('a page that would connect is told so, after a ping has passed', async (t) => {
  const { address } = await serve(t, { base: '/app/' }, { keepalive: 500 })
  const { state, cause, sentence, results } = await check(t, address)
  assert.deepEqual([state, cause], ['good', 'connected'])
  assert.match(sentence, /It connects, at ws:/)
  assert.match(results, /the server accepted it/)
})

/** Pages cannot be opened there, as the terminal's test has it. */
const NO_PAGE = /a name that is not allowed/

test('a page names what breaks a connection', { concurrency: 4 }, async (t) => {
  const cases = CASES.filter(({ name }) => !NO_PAGE.test(name))
  const tests = cases.map(({ name, break: breakIt, ...expected }) =>
    t.test(name, async (t) => {
      const { cause, sentence, remedy } = { ...expected, ...expected.inPage }
      const { address } = await breakIt(t)
      const said = await check(t, address)
      assert.equal(said.cause, cause, JSON.stringify(said.results))
      assert.match(said.sentence, sentence)
      if (remedy) assert.match(said.remedy, remedy)
    }),
  )
  await Promise.all(tests)
})
