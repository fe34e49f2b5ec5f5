import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useChromium } from '../support/browser.mjs'
import { until } from '../support/deadline.mjs'
import { isWatching } from '../support/dev-server.mjs'
import { percentile } from '../support/figures.mjs'
import { RawClient } from '../support/raw-client.mjs'
import { feedToken, serveVite } from './feed.mjs'

const KIB = 1024
const CROWD = 1000
/** Far more than it takes on a quiet machine; a page that hangs takes longer. */
const MOST_PAINT_MS = 10_000
const MOST_FRAME_MS = 250
const FRAMES = 120

const browser = useChromium()

test('the inspector shows tabs, an edit with its receivers, a stalled client and a closed one', async (t) => {
  const options = { highWaterMark: 512 * KIB, lowWaterMark: 64 * KIB }
  const { server, ws, root, edit, port, token } = await serveVite(t, options)
  await until(() => isWatching(server, root, 'two.mjs'), 'the file watcher')
  const inspector = await openInspector(t, port)
  const [first, second] = [await openTab(t, port), await openTab(t, port)]
  await until(async () => {
    const open = (await clients(inspector)).filter(({ state }) => state === 'open')
    return open.length === 2 && open.every(({ name }) => /^Chrome \d+$/.test(name))
  }, 'both tabs on the page')

  edit('one', 'second')
  for (const page of [first, second]) {
    await page.waitForFunction(() => document.getElementById('one').textContent === 'second')
  }
  const update = () => entry(inspector, 'update', '/one.mjs')
  await until(async () => (await update())?.who === '2 of 2', 'the update with both receivers')
  assert.match((await update()).last, /^[\d.]+ ms$/)
  await inspector.locator('#entries .body .row', { hasText: '/one.mjs' }).first().click()
  await until(
    async () => /"type": "update"/.test(await text(inspector, '#detail-payload')),
    'payload',
  )
  assert.match(
    await text(inspector, '#detail-who'),
    /client \d+: [\d.]+ ms · client \d+: [\d.]+ ms/,
  )

  const stalled = await RawClient.connect(t, port)
  const { id } = ws.stats().perClient.at(-1)
  stalled.socket.pause()
  await until(async () => {
    ws.send('filler', 'x'.repeat(256 * KIB))
    const row = (await clients(inspector)).find((one) => one.id === id)
    return row?.state === 'does not read' && /^[\d.]+ [KM]iB$/.test(row.queue)
  }, 'the stalled client with its queue')
  stalled.socket.destroy()
  await second.close()
  const closed = async (code) =>
    (await clients(inspector)).some(({ state }) => state.startsWith(`closed ${code}: `))
  await until(() => closed(1001), 'the closed tab with its code')
  await until(() => closed(1006), 'the cut client with its code')

  await inspector.selectOption('#filter-type', 'update')
  await until(
    async () => (await entries(inspector)).every(({ type }) => type === 'update'),
    'filter',
  )
  await inspector.selectOption('#filter-type', '')
  await inspector.click('#pause')
  const known = async () => Number((await text(inspector, '#entries-count')).split(' of ')[1])
  const before = await known()
  ws.send('while:paused', 1)
  await until(async () => (await known()) > before, 'the page to have heard of it')
  assert.equal(await entry(inspector, 'custom', 'while:paused'), undefined)
  await inspector.click('#pause')
  await until(() => entry(inspector, 'custom', 'while:paused'), 'what came meanwhile')

  await inspector.click('#report')
  await inspector.waitForSelector('#dialog[open]')
  const report = await inspector.inputValue('#dialog-report')
  assert.match(report, /vite-native-ws \d+\.\d+\.\d+, Vite 8\./)
  assert.match(report, /closed 1001: page unload/)
  assert.match(report, /\| update \| \/one\.mjs/)
  assert.doesNotMatch(report, /127\.0\.0\.1/)
  const shown = await inspector.evaluate(() => document.body.textContent)
  const ownToken = await feedToken(port)
  for (const secret of [token, ownToken]) {
    assert.ok(!report.includes(secret) && !shown.includes(secret))
  }
  assert.deepEqual(inspector.faults, [])
})

test('a page that loses its server finds the next one', async (t) => {
  const { server, port } = await serveVite(t, {}, { server: { strictPort: true } })
  const inspector = await openInspector(t, port)
  await server.restart()
  await until(
    async () => (await text(inspector, '#state')) === 'live',
    'the feed of the new server',
  )
  await openTab(t, server.httpServer.address().port)
  await until(async () => (await clients(inspector)).length === 1, 'the tab on the page')
})

test(`it stays usable with ${CROWD} clients`, async (t) => {
  const { ws, port } = await serveVite(t)
  const crowd = []
  for (let at = 0; at < CROWD; at += 50) {
    const some = Array.from({ length: 50 }, () => RawClient.connect(t, port))
    crowd.push(...(await Promise.all(some)))
  }
  const inspector = await openInspector(t, port)
  await until(async () => (await text(inspector, '#clients-count')) === '1,000', 'all clients')
  const paint = await inspector.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0].startTime,
  )
  const timer = setInterval(() => ws.send('tick', Date.now()), 20)
  t.after(() => clearInterval(timer))
  await until(() => entry(inspector, 'custom', 'tick'), 'a message')
  const frames = await inspector.evaluate(measureFrames, FRAMES)
  await until(
    async () => (await entries(inspector)).some(({ who }) => who === '1000 of 1000'),
    'all',
  )
  const rows = await inspector.locator('.list .row').count()
  const [p50, p95, max] = [0.5, 0.95, 1].map((part) => percentile(frames, part))
  t.diagnostic(
    `${CROWD} clients, 50 broadcasts a second: first paint ${paint.toFixed(0)} ms; frame ` +
      `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, max ${max.toFixed(1)} ms; ${rows} rows`,
  )
  assert.ok(rows < 200, `${rows} elements for ${CROWD} clients`)
  assert.ok(paint < MOST_PAINT_MS, `${paint} ms to the first paint`)
  assert.ok(p50 < MOST_FRAME_MS, `${p50} ms a frame`)
})

/** Milliseconds between frames, while the lists are scrolled. */
function measureFrames(count) {
  return new Promise((resolve) => {
    const frames = []
    let last = performance.now()
    const next = (now) => {
      frames.push(now - last)
      last = now
      document.getElementById('clients').scrollTop += 40
      if (frames.length < count) requestAnimationFrame(next)
      else resolve(frames)
    }
    requestAnimationFrame(next)
  })
}

async function openInspector(t, port) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  t.after(() => page.close())
  page.faults = []
  page.on('pageerror', (error) => page.faults.push(error.stack))
  page.on('console', (message) => {
    if (message.type() === 'error') page.faults.push(message.text())
  })
  await page.goto(`http://127.0.0.1:${port}/__ws`)
  await until(async () => (await text(page, '#state')) === 'live', 'the feed')
  return page
}

async function openTab(t, port) {
  const page = await browser.newPage()
  t.after(() => page.close())
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.waitForFunction(() => window.ask)
  return page
}

function text(page, selector) {
  return page.textContent(selector)
}

/** The clients that the page shows. */
function clients(page) {
  return page.$$eval('#clients .body .row', (rows) =>
    rows.map((row) => {
      const [id, name, state, queue] = [...row.children].map((cell) => cell.textContent)
      return { id: Number(id), name, state, queue }
    }),
  )
}

/** The messages that the page shows. */
function entries(page) {
  return page.$$eval('#entries .body .row', (rows) =>
    rows.map((row) => {
      const texts = [...row.children].map((cell) => cell.textContent)
      const [time, arrow, type, about, size, who, last] = texts
      return { time, arrow, type, about, size, who, last }
    }),
  )
}

async function entry(page, type, about) {
  return (await entries(page)).find((one) => one.type === type && one.about.includes(about))
}
