import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { useChromium } from '../support/browser.mjs'
import { within } from '../support/deadline.mjs'
import { ms } from '../support/figures.mjs'
import { startDevServer, TRANSPORTS, VITE } from './servers.mjs'
import { openTcpProxy } from './tcp-proxy.mjs'

const IDLE_MS = 2000
const KEEPALIVE_MS = 300
const SURVIVED_MS = 30_000
/** Idle time, and what a loaded machine needs to notice. */
const CUT_MS = 20_000

const browser = useChromium()

describe('a browser behind a proxy that cuts idle connections', { concurrency: true }, () => {
  for (const transport of TRANSPORTS) {
    test(`keeps its own (${transport})`, async (t) => {
      const { page, proxy, server, sockets } = await open(t, transport, KEEPALIVE_MS)
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
      t.diagnostic(`the WebSocket lived ${ms(lived)}; other connections cut: ${proxy.cuts}`)
    })
  }
})

for (const carrier of [...TRANSPORTS, VITE]) {
  test(`without keepalive the proxy cuts it (${carrier})`, async (t) => {
    const { sockets, cut } = await open(t, carrier, 0)
    const lived = await within(cut, 'the end of the WebSocket', CUT_MS)
    assert.equal(sockets[0].isOpen, false)
    t.diagnostic(`cut after ${ms(lived)}`)
  })
}

/** A page of a dev server behind the proxy, its WebSocket open. */
async function open(t, carrier, keepalive) {
  const { server } = await startDevServer(t, carrier, { options: { keepalive } })
  const proxy = await openTcpProxy(t, { to: server.about.port, idle: IDLE_MS })
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
  await page.goto(`http://127.0.0.1:${proxy.port}/`)
  await within(opened, 'the first message of the WebSocket')
  await page.waitForFunction(() => window.ask)
  return { page, proxy, server, sockets, cut }
}
