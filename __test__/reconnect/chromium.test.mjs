// RECONNECT_MAJORS=5,6,7,8 plays everything on these majors of Vite; `npm run reconnect` does.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { useChromium } from '../support/browser.mjs'
import { until } from '../support/deadline.mjs'
import { entry } from '../support/server.mjs'
import { MAJORS, part, Site, viteOf } from './site.mjs'

const WORKER = `import.meta.hot.on('vite:beforeUpdate', ({ updates }) => postMessage(updates[0].path))
import.meta.hot.on('greeting', () => postMessage('greeted'))
postMessage('running')
import.meta.hot.accept()
`
const KEPT = { text: 'half a sentence', counter: '2' }

for (const major of MAJORS) {
  describe(`a page in Chromium, with Vite ${major}`, () => {
    const browser = useChromium()
    let vite
    before(async () => {
      vite = await viteOf(major)
    })
    // Vite 5 imports the modules of updates that come together side by side.
    const ordered = (applied) => (major > 5 ? applied : applied.toSorted(byValue))
    const open = (t, options) => Site.open(t, { vite, browser, ...options })

    it('keeps its state over a cut, and gets the edits made meanwhile, in order', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      await tab.fill()
      await tab.cut()
      await tab.page.click('#counter')
      for (const name of ['a', 'b', 'c']) await site.change(name, 2)
      tab.proxy.restore()
      for (const name of ['a', 'b', 'c']) await tab.text(`#${name}`, '2')
      await site.change('a', 3)
      await tab.text('#a', '3')
      const { text, counter, told, applied } = await tab.state()
      assert.deepEqual({ text, counter }, { ...KEPT, counter: '3' })
      assert.deepEqual(told, ['/a.js', '/b.js', '/c.js', '/a.js'])
      assert.deepEqual(ordered(applied), ['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3'])
      assert.equal(tab.loads, 1)
      assert.deepEqual([tab.said('connection lost'), tab.said('[vite-native-ws] re')], [1, 1])
      assert.equal(tab.said('Polling for restart'), 0)
    })

    it('sends what it wanted to say once it is back', async (t) => {
      const site = await open(t)
      const heard = []
      site.server.ws.on('to:server', (data) => heard.push(data))
      const tab = await site.tab()
      await tab.page.evaluate(`said('before')`)
      await tab.cut()
      await tab.page.evaluate(`said('while away')`)
      tab.proxy.restore()
      await until(() => heard.length === 2, 'both messages')
      await tab.page.evaluate(`said('after')`)
      await until(() => heard.length === 3, 'the third')
      assert.deepEqual(heard, ['before', 'while away', 'after'])
    })

    it('comes back over https', async (t) => {
      const site = await open(t, { https: true })
      const tab = await site.tab()
      await tab.fill()
      await tab.cut()
      await site.change('a', 2)
      tab.proxy.restore()
      await tab.text('#a', '2')
      const { text, counter } = await tab.state()
      assert.deepEqual([{ text, counter }, tab.loads], [KEPT, 1])
    })

    it('comes back in a worker as well', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      site.write('worker.js', WORKER)
      await tab.page.evaluate(`
        window.fromWorker = []
        const worker = new Worker('/worker.js', { type: 'module' })
        worker.onmessage = ({ data }) => window.fromWorker.push(data)`)
      const heard = (what) => tab.page.waitForFunction(`fromWorker.includes('${what}')`)
      await heard('running')
      await until(() => site.server.ws.clients.size === 2, 'the worker to be connected')
      site.server.ws.send('greeting')
      await heard('greeted')
      await tab.cut()
      const update = { type: 'js-update', path: '/none.js', acceptedPath: '/none.js', timestamp: 1 }
      site.server.ws.send({ type: 'update', updates: [update] })
      tab.proxy.restore()
      await heard('/none.js')
      assert.equal(tab.loads, 1)
    })

    it('reloads once when the server was restarted', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      await site.server.restart()
      await until(() => tab.loads === 2, 'the reload')
      await tab.isReady()
      await isSteady(site, tab, 2)
    })

    it('reloads once when the server was restarted while it was away', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      await tab.cut()
      await site.server.restart()
      tab.proxy.restore()
      await until(() => tab.loads === 2, 'the reload')
      await tab.isReady()
      await isSteady(site, tab, 2)
    })

    it('reloads once when another server has taken the port', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      await site.server.close()
      site.server = await site.serve({ title: 'another', plugins: [entry.default()] })
      await tab.text('h1', 'another')
      await tab.isReady()
      await isSteady(site, tab, 2)
    })

    it('reloads once when it missed more than the journal keeps', async (t) => {
      const site = await open(t, { options: { reconnect: { maxMessages: 2 } } })
      const tab = await site.tab()
      await tab.fill()
      await tab.cut()
      for (const name of ['a', 'b', 'c']) await site.change(name, 2)
      tab.proxy.restore()
      await until(() => tab.loads === 2, 'the reload')
      await tab.isReady()
      assert.deepEqual((await tab.state()).applied, ['a2', 'b2', 'c2'])
      await isSteady(site, tab, 2)
    })

    it('shows no overlay for an error that was made and mended while it was away', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      const other = await site.tab()
      await showsFirstUpdate(site, tab, other)
      await tab.fill()
      await tab.cut()
      site.edit('b.js', 'not javascript (')
      await other.page.waitForSelector('vite-error-overlay', { state: 'attached' })
      await site.change('b', 2)
      await other.text('#b', '2')
      tab.proxy.restore()
      await tab.text('#b', '2')
      await isSteady(site, tab, 1)
      const { overlay, text, counter } = await tab.state()
      assert.deepEqual({ overlay, text, counter }, { overlay: 0, ...KEPT })
    })

    it('shows an overlay for an error that was made while it was away', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      await showsFirstUpdate(site, tab)
      await tab.cut()
      site.edit('b.js', 'not javascript (')
      tab.proxy.restore()
      await tab.page.waitForSelector('vite-error-overlay', { state: 'attached' })
      assert.equal(tab.loads, 1)
    })

    it('takes the overlay away when the error was mended while it was away', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      await showsFirstUpdate(site, tab)
      site.edit('b.js', 'not javascript (')
      await tab.page.waitForSelector('vite-error-overlay', { state: 'attached' })
      await tab.cut()
      await site.change('b', 2)
      tab.proxy.restore()
      await tab.text('#b', '2')
      await tab.page.waitForSelector('vite-error-overlay', { state: 'detached' })
      assert.equal(tab.loads, 1)
    })

    it('does so beside another tab that was cut at another time', async (t) => {
      const site = await open(t)
      const first = await site.tab()
      const second = await site.tab()
      await first.cut()
      await site.change('a', 2)
      await second.text('#a', '2')
      await second.cut()
      await site.change('b', 2)
      first.proxy.restore()
      await first.text('#b', '2')
      await site.change('c', 2)
      await first.text('#c', '2')
      second.proxy.restore()
      for (const name of ['b', 'c']) await second.text(`#${name}`, '2')
      for (const tab of [first, second]) {
        assert.deepEqual(ordered((await tab.state()).applied).slice(3), ['a2', 'b2', 'c2'])
        assert.equal(tab.loads, 1)
      }
    })

    it('notices a connection that hangs when the network changes', async (t) => {
      const site = await open(t)
      const tab = await site.tab()
      for (const link of tab.proxy.links) if (link.isWebSocket) link.fail('hang')
      await site.change('a', 2)
      await tab.page.evaluate(`window.dispatchEvent(new Event('online'))`)
      await tab.text('#a', '2')
      assert.equal(tab.loads, 1)
    })

    it('reloads when it has loaded by itself what is newer than an update that it missed', async (t) => {
      const site = await open(t)
      site.write('route.js', `import './a.js'\n`)
      const tab = await site.tab()
      for (const link of tab.proxy.links) if (link.isWebSocket) link.fail('hang')
      await site.change('a', 2)
      await tab.page.evaluate(`import('/route.js').then(() => {})`)
      await tab.page.evaluate(`window.dispatchEvent(new Event('online'))`)
      await until(() => tab.loads === 2, 'the reload')
      await tab.isReady()
      assert.deepEqual((await tab.state()).applied, ['a2', 'b1', 'c1'])
      await isSteady(site, tab, 2)
    })

    it('behaves as without the plugin, with one warning, when its client is unknown', async (t) => {
      const renamed = {
        name: 'another-client',
        enforce: 'pre',
        load: (id) =>
          id.endsWith('/dist/client/client.mjs')
            ? readFileSync(id, 'utf8').replaceAll('"vite-hmr"', '"vite-" + "hmr"')
            : undefined,
      }
      const site = await open(t, { plugins: [renamed] })
      const tab = await site.tab()
      tab.proxy.cut()
      await until(() => tab.said('Polling for restart') === 1, 'the page to notice')
      await site.change('a', 2)
      tab.proxy.restore()
      await until(() => tab.loads === 2, 'the reload')
      await tab.isReady()
      await isSteady(site, tab, 2)
      assert.equal(tab.said('[vite-native-ws]'), 0)
      const ours = site.warnings.filter((line) => line.startsWith('vite-native-ws: '))
      assert.equal(ours.length, 1, ours.join('\n'))
      assert.match(ours[0], /a lost connection reloads the page, as without this plugin\. Update/)
    })

    it('behaves as without the plugin when `reconnect` is false', async (t) => {
      const site = await open(t, { options: { reconnect: false } })
      const tab = await site.tab()
      tab.proxy.cut()
      await until(() => tab.said('Polling for restart') === 1, 'the page to notice')
      tab.proxy.restore()
      await until(() => tab.loads === 2, 'the reload')
      await tab.isReady()
      await isSteady(site, tab, 2)
      assert.deepEqual([tab.said('[vite-native-ws]'), site.warnings], [0, []])
    })
  })
}

function byValue(one, other) {
  return one[1] - other[1] || one.localeCompare(other)
}

/** A page reloads on its first update if an overlay is up then: Vite's rule, for all pages. */
async function showsFirstUpdate(site, ...tabs) {
  await site.change('a', 2)
  for (const tab of tabs) await tab.text('#a', '2')
}

/** Whatever reload was on its way would have come before an update has been applied and looked at. */
async function isSteady(site, tab, loads) {
  await site.change('c', 7)
  await tab.text('#c', '7')
  site.edit('c.js', part('c', 8))
  await tab.text('#c', '8')
  assert.equal(tab.loads, loads)
}
