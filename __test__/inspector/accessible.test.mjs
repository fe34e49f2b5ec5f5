// The inspector and the connection check without a mouse, on small screens and in both colour schemes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import axeCore from 'axe-core'
import { emptyStats } from '../../lib/diagnostics/stats.js'
import { causes } from '../../lib/inspector/page/format.mjs'
import { startFront } from '../check/front.mjs'
import { useChromium } from '../support/browser.mjs'
import { until } from '../support/deadline.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { RawClient } from '../support/raw-client.mjs'
import { rawAnswer } from '../support/raw-socket.mjs'
import { serveVite } from './feed.mjs'

/** 200 % zoom halves the pixels that a page has. */
const VIEWS = [
  { name: '1280 px', width: 1280, height: 760 },
  { name: '900 px', width: 900, height: 760 },
  { name: '400 px', width: 400, height: 700 },
  { name: '1280 px at 200 % zoom', width: 640, height: 380, deviceScaleFactor: 2 },
]
/** Four rows below the headings. */
const LEAST_LIST_PIXELS = 140

const browser = useChromium()

for (const colorScheme of ['light', 'dark']) {
  for (const { name, width, height, deviceScaleFactor = 1 } of VIEWS) {
    test(`axe finds nothing, and both lists can be used: ${name}, ${colorScheme}`, async (t) => {
      const { page } = await openWithFacts(t, {
        viewport: { width, height },
        deviceScaleFactor,
        colorScheme,
      })
      await page.click('summary')
      await page.locator('#entries .body .row', { hasText: 'broken' }).first().click()
      await page.waitForSelector('#detail:not([hidden])')
      assert.deepEqual(await axe(page), [])
      for (const list of ['#clients', '#entries']) {
        const { height: shown } = await page.locator(list).boundingBox()
        assert.ok(shown >= LEAST_LIST_PIXELS, `${list} is ${shown} px high`)
      }
      await fitsItsWidth(page)
      await page.locator('#detail-close').scrollIntoViewIfNeeded()
      assert.ok(await page.locator('#detail-close').isVisible())
      await page.click('#report')
      await page.waitForSelector('#dialog[open]')
      assert.deepEqual(await axe(page), [])
    })
  }
}

test('axe finds nothing while there is nothing to show', async (t) => {
  const { port } = await serveVite(t)
  const page = await openInspector(t, `http://127.0.0.1:${port}`, {})
  assert.match(await page.textContent('#clients-empty'), /No page is connected/)
  assert.ok(await page.isVisible('#clients-empty'))
  assert.match(await page.textContent('#entries-empty'), /Nothing has happened yet/)
  assert.deepEqual(await axe(page), [])
})

test('a walk by keyboard alone: a row, its payload, back, one client, the report', async (t) => {
  const { page } = await openWithFacts(t, {})
  const { keyboard } = page
  await tabTo(page, 'entries')
  await keyboard.press('End')
  await keyboard.press('Home')
  assert.equal(await active(page), 0)
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp']) await keyboard.press(key)
  assert.equal(await active(page), 1)

  // To the message that failed, wherever it is.
  while (!/broken/.test(await activeText(page))) {
    const before = await active(page)
    await keyboard.press('ArrowDown')
    assert.notEqual(await active(page), before, 'the end without the error')
  }
  await keyboard.press('Enter')
  await until(
    async () => /"message": "broken/.test(await page.textContent('#detail-payload')),
    'it',
  )
  assert.equal(await focused(page), 'detail', 'a reader is at what was opened')
  const row = await activeText(page)
  await keyboard.press('Escape')
  assert.ok(await page.isHidden('#detail'))
  assert.equal(await focused(page), 'entries', 'the focus is back at the list')
  assert.equal(await activeText(page), row, 'and at the same row')

  await tabTo(page, 'clients', 'Shift+Tab')
  await keyboard.press('ArrowDown')
  await keyboard.press('Enter')
  assert.match(await page.textContent('#filter-client'), /only client \d+/)
  await tabTo(page, 'filter-client')
  await keyboard.press('Enter')
  assert.ok(await page.isHidden('#filter-client'))
  assert.equal(await focused(page), 'clients')

  await tabTo(page, 'report', 'Shift+Tab')
  await keyboard.press('Enter')
  await page.waitForSelector('#dialog[open]')
  await keyboard.press('Escape')
  await page.waitForSelector('#dialog:not([open])', { state: 'attached' })
  assert.equal(await focused(page), 'report')
})

test('a row that was chosen stays chosen while new ones come', async (t) => {
  const { page, ws } = await openWithFacts(t, {})
  await tabTo(page, 'entries')
  await page.keyboard.press('Home')
  const row = await activeText(page)
  for (let at = 0; at < 100; at++) ws.send('filler', at)
  await until(async () => /^1\d\d of/.test(await page.textContent('#entries-count')), 'all of them')
  assert.equal(await activeText(page), row)
})

test('a problem looks like one, and is announced', async (t) => {
  const { page } = await openWithFacts(t, {})
  const error = page.locator('#entries .body .row', { hasText: 'broken' }).first()
  assert.equal(await error.locator('.arrow').getAttribute('aria-label'), 'problem')
  const color = (locator) => locator.evaluate((element) => getComputedStyle(element).color)
  const other = page.locator('#entries .body .row.way-out:not(.bad)').first()
  assert.notEqual(await color(error), await color(other))
  await until(async () => /broken|lost/.test(await page.textContent('#news')), 'the announcement')
})

test('reloads and refusals are counted by cause, in words', async (t) => {
  const { ws, port } = await serveVite(t)
  const page = await openInspector(t, `http://127.0.0.1:${port}`, {})
  assert.equal(await page.textContent('#causes'), '')
  for (let at = 0; at < 2; at++) await RawClient.connect(t, port)
  ws.send({ type: 'full-reload' })
  for (const path of ['/?token=wrong', '/?token=earlier']) {
    await rawAnswer(port, upgradeRequest({ headers: { Origin: `http://127.0.0.1:${port}` }, path }))
  }
  const expected = 'Told to reload: 2 for a full-reload. Refused: 2 for a missing or wrong token.'
  await until(async () => (await page.textContent('#causes')) === expected, 'both')
})

test('each cause that is counted has words of its own', () => {
  const once = (counts) => Object.fromEntries(Object.keys(counts).map((name) => [name, 1]))
  const { reloads, refusals, conflicts } = emptyStats()
  const counts = [reloads, refusals, conflicts]
  const [ofReloads, ofRefusals, ofConflicts] = counts.map(once)
  const text = causes({
    reloads: ofReloads,
    refusals: ofRefusals,
    conflicts: ofConflicts,
    pagesGivenUp: 1,
  })
  for (const name of counts.flatMap((each) => Object.keys(each))) {
    assert.doesNotMatch(text, new RegExp(`1 for ${name}\\b`))
  }
})

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 400]) {
    test(`axe finds nothing in the connection check: ${width} px, ${colorScheme}`, async (t) => {
      const { port } = await serveVite(t, { keepalive: 500 })
      const front = await startFront(t, port, { dropsUpgrade: true })
      for (const [address, state] of [
        [`http://127.0.0.1:${port}`, 'good'],
        [front.address, 'bad'],
      ]) {
        const page = await openCheck(t, address, {
          viewport: { width, height: 700 },
          colorScheme,
        })
        await checkEnds(page, state)
        assert.deepEqual(await axe(page), [])
        assert.equal(await page.isVisible('#remedy'), state === 'bad')
        await fitsItsWidth(page)
      }
    })
  }
}

test('the connection check by keyboard alone: there, again, and back', async (t) => {
  const { port } = await serveVite(t, { keepalive: 500 })
  const fault = { dropsUpgrade: true }
  const { address } = await startFront(t, port, fault)
  const page = await openInspector(t, address, {})
  await tabTo(page, 'check')
  await page.keyboard.press('Enter')
  await checkEnds(page, 'bad')
  assert.equal(await page.getAttribute('#sentence', 'role'), 'status')
  await tabTo(page, 'again')
  fault.dropsUpgrade = false
  await page.keyboard.press('Enter')
  // Another one does not start while one is under way.
  await page.keyboard.press('Enter')
  await checkEnds(page, 'good')
  assert.equal(await focused(page), 'again', 'the focus has stayed')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#state.live')
})

/** An inspector that shows a client, a broadcast, an error and a client that was lost. */
async function openWithFacts(t, options) {
  const { ws, port } = await serveVite(t)
  const page = await openInspector(t, `http://127.0.0.1:${port}`, options)
  await RawClient.connect(t, port)
  const lost = await RawClient.connect(t, port)
  ws.send('quiet:event', { some: 'data' })
  lost.socket.destroy()
  ws.send({ type: 'error', err: { message: 'broken.js has a bracket too few', stack: '' } })
  const shows = (text) =>
    page.locator('#entries .body .row', { hasText: text }).first().waitFor({ state: 'attached' })
  for (const text of ['quiet:event', 'broken.js', '1006']) await shows(text)
  return { page, ws }
}

async function openInspector(t, address, options) {
  const page = await browser.newPage(options)
  t.after(() => page.close())
  await page.goto(`${address}/__ws`)
  await page.waitForSelector('#state.live')
  await page.waitForSelector('.tile')
  return page
}

async function openCheck(t, address, options) {
  const page = await browser.newPage(options)
  t.after(() => page.close())
  await page.goto(`${address}/__ws/check`)
  return page
}

/** Waits for what the check says: that the page would connect (`good`), or why not (`bad`). */
async function checkEnds(page, state) {
  await page.waitForSelector(`[data-state="${state}"] #again`, { timeout: 60_000 })
}

/** Nothing is beside what a reader sees. */
async function fitsItsWidth(page) {
  const { wide, seen } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    seen: document.documentElement.clientWidth,
  }))
  assert.ok(wide <= seen, `the page is ${wide} px wide, of which ${seen} are seen`)
}

/** What axe-core objects to. */
async function axe(page) {
  // Not a script element, which the page's own policy would refuse.
  await page.evaluate(axeCore.source)
  const { violations } = await page.evaluate(() => globalThis.axe.run())
  return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }))
}

async function tabTo(page, id, key = 'Tab') {
  for (let steps = 0; steps < 30; steps++) {
    if ((await focused(page)) === id) return
    await page.keyboard.press(key)
  }
  assert.fail(`${key} does not lead to ${id}`)
}

function focused(page) {
  return page.evaluate(() => document.activeElement.id)
}

/** The place of the row that the list names as active. */
async function active(page) {
  const index = await page.evaluate(() => {
    const id = document.getElementById('entries').getAttribute('aria-activedescendant')
    return document.getElementById(id)?.getAttribute('aria-rowindex')
  })
  return Number(index) - 2
}

function activeText(page) {
  return page.evaluate(() => {
    const id = document.getElementById('entries').getAttribute('aria-activedescendant')
    return document.getElementById(id)?.textContent
  })
}
