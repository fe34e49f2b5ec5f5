// What a developer sees of an outage. RECONNECT_MAJORS as in chromium.test.mjs.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { useChromium } from '../support/browser.mjs'
import { until } from '../support/deadline.mjs'
import { entry } from '../support/server.mjs'
import { MAJORS, Site, viteOf } from './site.mjs'

const OUTAGE_MS = 3_000

for (const major of MAJORS) {
  describe(`the console of a page in Chromium, with Vite ${major}`, () => {
    const browser = useChromium()
    let vite
    before(async () => {
      vite = await viteOf(major)
    })
    const open = (t, options) => Site.open(t, { vite, browser, ...options })

    it('has one red line at most after an outage, and the page its state', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      await tab.fill()
      await isAway(tab)
      await isBack(site, tab)
      assert.ok(tab.errors.length <= 1, tab.errors.join('\n'))
    })

    it('has them again where workers are forbidden, and the page its state', async (t) => {
      const site = await open(t, { plugins: [withPolicy("worker-src 'none'")] })
      const tab = await site.tab()
      await tab.fill()
      await isAway(tab)
      await isBack(site, tab)
      assert.ok(tab.errors.length > 3, 'the page asked by itself')
    })

    it('is of a page that is reloaded once where workers are forbidden, after a restart', async (t) => {
      const site = await open(t, { plugins: [withPolicy("worker-src 'none'")] })
      const tab = await site.tab()
      await tab.cut()
      await site.server.restart()
      tab.proxy.restore()
      await until(() => tab.loads === 2, 'the reload')
      await tab.isReady()
      await site.change('a', 2)
      await tab.text('#a', '2')
      assert.equal(tab.loads, 2)
      assert.equal(tab.said('the page is reloaded: the dev server was restarted'), 1)
    })

    it('has one at most when another server comes, and one reload', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      let links = 0
      tab.proxy.onLink = () => {
        links += 1
      }
      await site.server.close()
      await until(() => links >= 5, 'the page to ask for the server')
      site.server = await site.serve({ title: 'another', plugins: [entry.default()] })
      await tab.text('h1', 'another')
      await tab.isReady()
      await site.change('a', 2)
      await tab.text('#a', '2')
      assert.equal(tab.loads, 2)
      assert.ok(tab.errors.length <= 1, tab.errors.join('\n'))
      const { refusals } = site.server.ws.stats()
      assert.deepEqual([refusals.token, refusals.host], [0, 0])
    })

    it('has one red line at most after a restart, and one reload, which is no refusal', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      await site.server.restart()
      await until(() => tab.loads === 2, 'the reload')
      await tab.isReady()
      assert.ok(tab.errors.length <= 1, tab.errors.join('\n'))
      assert.equal(tab.said('the page is reloaded: the dev server was restarted'), 1)
      assert.equal(site.server.ws.stats().refusals.token, 0)
      await site.change('a', 2)
      await tab.text('#a', '2')
      assert.equal(tab.loads, 2)
    })

    it('is of a page that is reloaded once although no worker reaches the server, after a restart', async (t) => {
      const site = await open(t, { plugins: [withUnreachingWorkers()] })
      const tab = await site.tab()
      await tab.cut()
      await until(() => tab.proxy.refused >= 1, 'an attempt')
      await site.server.restart()
      tab.proxy.restore()
      await until(() => tab.loads === 2, 'the reload')
      await tab.isReady()
      assert.equal(tab.said('the page is reloaded: the dev server was restarted'), 1)
      await site.change('a', 2)
      await tab.text('#a', '2')
      assert.equal(tab.loads, 2)
    })

    it('has no line of ours when the page is left', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      await tab.page.goto('about:blank')
      await until(() => site.server.ws.clients.size === 0, 'the connection to be closed')
      assert.deepEqual([tab.said('[vite-native-ws]'), tab.errors], [0, []])
    })
  })
}

/** The outage is as long as it says, and the page has asked all the while. */
async function isAway(tab) {
  const restored = delay(OUTAGE_MS)
  await tab.cut()
  await restored
  await until(() => tab.proxy.refused >= 5, 'the page to ask for the server')
}

async function isBack(site, tab) {
  tab.proxy.restore()
  await until(() => tab.said('reconnected; ') === 1, 'the return')
  await site.change('a', 2)
  await tab.text('#a', '2')
  const { text, counter } = await tab.state()
  assert.deepEqual([text, counter, tab.loads], ['half a sentence', '2', 1])
  assert.deepEqual([tab.said('connection lost'), tab.said('[vite-native-ws]')], [1, 2])
}

/** Shared workers that no server answers, as behind a certificate that was accepted by a click. */
function withUnreachingWorkers() {
  const script = `window.SharedWorker = class {
    port = { postMessage: (question, [reply]) => reply.postMessage(false) }
  }`
  return {
    name: 'with-unreaching-workers',
    transformIndexHtml: () => [{ tag: 'script', children: script, injectTo: 'head-prepend' }],
  }
}

function withPolicy(policy) {
  return {
    name: 'with-policy',
    configureServer(server) {
      server.middlewares.use((_, response, next) => {
        response.setHeader('Content-Security-Policy', policy)
        next()
      })
    },
  }
}
