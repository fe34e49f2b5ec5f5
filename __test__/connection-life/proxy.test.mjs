import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { launchChromium } from '../../scripts/browser.mjs'
import { within } from '../support/deadline.mjs'
import { ENGINES, ms, VITE } from './engines.mjs'
import { Program } from './program.mjs'
import { makeProject } from './project.mjs'
import { openWire } from './wire.mjs'

const IDLE_MS = 2000
const KEEPALIVE_MS = 300
const SURVIVED_MS = 30_000
/** Idle time, and what a loaded machine needs to notice. */
const CUT_MS = 20_000

let browser

before(async () => {
  browser = await launchChromium(console.log)
})

after(() => browser?.close())

describe('a browser behind a proxy that cuts idle connections', { concurrency: true }, () => {
  for (const engine of ENGINES) {
    test(`keeps its own (${engine})`, async (t) => {
      const { page, wire, server, sockets } = await open(t, engine, KEEPALIVE_MS)
      await page.evaluate(() => Object.assign(window, { isFirst: true }))
      const started = performance.now()
      // The point is the time: fifteen times what the proxy allows.
      await delay(SURVIVED_MS)
      assert.deepEqual(sockets, [{ isOpen: true }], 'one WebSocket, still open')
      assert.ok(await page.evaluate(() => window.isFirst), 'the page was not reloaded')
      await page.evaluate(() => window.ask('still there'))
      await page.waitForFunction(() => window.echoed === 'still there')
      assert.equal((await server.ask('stats')).clients, 1)
      const lived = performance.now() - started
      t.diagnostic(`the WebSocket lived ${ms(lived)}; other connections cut: ${wire.cuts}`)
    })
  }
})

for (const engine of [...ENGINES, VITE]) {
  test(`without keepalive the proxy cuts it (${engine})`, async (t) => {
    const { sockets, cut } = await open(t, engine, 0)
    const lived = await within(cut, 'the end of the WebSocket', CUT_MS)
    assert.equal(sockets[0].isOpen, false)
    t.diagnostic(`cut after ${ms(lived)}`)
  })
}

/** A page of a dev server behind the proxy, its WebSocket open. */
async function open(t, engine, keepalive) {
  const { root } = makeProject(t)
  const settings = { engine, root, options: { keepalive } }
  const server = await Program.start(t, 'dev-server.mjs', settings)
  const wire = await openWire(t, { to: server.about.port, idle: IDLE_MS })
  const page = await browser.newPage()
  t.after(() => page.close())
  const sockets = []
  let tellCut
  const cut = new Promise((resolve) => {
    tellCut = resolve
  })
  const opened = new Promise((resolve) => {
    page.on('websocket', (socket) => {
      const started = performance.now()
      const entry = { isOpen: true }
      sockets.push(entry)
      socket.on('framereceived', resolve)
      socket.on('close', () => {
        entry.isOpen = false
        tellCut(performance.now() - started)
      })
    })
  })
  await page.goto(`http://127.0.0.1:${wire.port}/`)
  await within(opened, 'the first message of the WebSocket')
  await page.waitForFunction(() => window.ask)
  return { page, wire, server, sockets, cut }
}
