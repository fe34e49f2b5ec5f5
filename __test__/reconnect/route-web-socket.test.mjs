// Playwright's `routeWebSocket`, which puts a class of its own in the place of the browser's.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { useChromium } from '../support/browser.mjs'
import { until } from '../support/deadline.mjs'
import { Site, viteOf } from './site.mjs'

/** How a test may pass on what goes over the sockets of a page. */
const routes = {
  'another socket': (page) => page.routeWebSocket('ws://example.com/', () => {}),
  'every socket': (page) => page.routeWebSocket(/./, (socket) => socket.connectToServer()),
  'every message': (page) =>
    page.routeWebSocket(/./, (socket) => {
      const server = socket.connectToServer()
      socket.onMessage((text) => server.send(rewritten(text)))
      server.onMessage((text) => socket.send(rewritten(text)))
    }),
  'the first socket alone': (page) =>
    page.routeWebSocket(/\?token=[\w-]+$/, (socket) => socket.connectToServer()),
}

/** Tests read frames, and write them again. */
function rewritten(text) {
  return JSON.stringify(JSON.parse(text))
}

describe('a page whose sockets are routed by Playwright', () => {
  const browser = useChromium()
  let vite
  before(async () => {
    vite = await viteOf(8)
  })
  const open = (t) => Site.open(t, { vite, browser })

  for (const [what, route] of Object.entries(routes)) {
    it(`keeps its state over a cut, and loses nothing: ${what}`, async (t) => {
      const site = await open(t)
      const heard = []
      site.server.ws.on('to:server', (data) => heard.push(data))
      const tab = await site.tab(route)
      await tab.fill()
      await tab.page.evaluate(`said('before')`)
      for (const value of [2, 3]) {
        await tab.cut()
        await tab.page.evaluate(`said('while away')`)
        for (const name of ['a', 'b', 'c']) await site.change(name, value)
        tab.proxy.restore()
        for (const name of ['a', 'b', 'c']) await tab.text(`#${name}`, `${value}`)
      }
      await until(() => heard.length === 3, 'what it said')
      const { text, counter, applied } = await tab.state()
      assert.deepEqual(heard, ['before', 'while away', 'while away'])
      assert.deepEqual([text, counter], ['half a sentence', '2'])
      assert.deepEqual(applied, ['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3'])
      assert.deepEqual([tab.loads, tab.said('reconnected; ')], [1, 2])
    })
  }

  it('reloads once when its server was restarted while it was away', async (t) => {
    const site = await open(t)
    const tab = await site.tab(routes['every message'])
    await tab.cut()
    await site.server.restart()
    tab.proxy.restore()
    await until(() => tab.loads === 2, 'the reload')
    await tab.isReady()
    await site.change('a', 2)
    await tab.text('#a', '2')
    assert.equal(tab.loads, 2)
  })

  for (const close of [{}, { code: 1001 }, { code: 1006 }]) {
    const how = close.code ?? 'no code'
    it(`comes back when the route closes its socket with ${how}`, async (t) => {
      const site = await open(t)
      const sockets = []
      const tab = await site.tab((page) =>
        page.routeWebSocket(/./, (socket) => {
          sockets.push(socket)
          socket.connectToServer()
        }),
      )
      await tab.fill()
      await sockets[0].close(close)
      await until(() => tab.said('reconnected; ') === 1, 'the return')
      await site.change('a', 2)
      await tab.text('#a', '2')
      const { text, counter } = await tab.state()
      assert.deepEqual([text, counter, tab.loads], ['half a sentence', '2', 1])
    })
  }

  it('has the URL that Vite builds, once it is welcome', async (t) => {
    const site = await open(t)
    const urls = []
    const tab = await site.tab((page) =>
      page.routeWebSocket(/./, (socket) => {
        urls.push(socket.url())
        socket.connectToServer()
      }),
    )
    const { webSocketToken } = site.server.config
    assert.deepEqual(urls, [`${site.url('ws', tab.proxy.port)}?token=${webSocketToken}`])
  })

  it('behaves as without the plugin when the test is its server', async (t) => {
    const site = await open(t)
    const heard = []
    let socket
    const tab = await site.tab((page) =>
      page.routeWebSocket(/token=/, (routed) => {
        socket = routed
        socket.onMessage((text) => {
          heard.push(JSON.parse(text))
          if (text.includes('tab:question')) socket.send('{"type":"custom","event":"tab:answer"}')
        })
        socket.send('{"type":"connected"}')
      }),
    )
    await tab.page.evaluate(`said('hello')`)
    await until(() => heard.some(({ event }) => event === 'to:server'), 'what it said')
    const update = { type: 'js-update', path: '/a.js', acceptedPath: '/a.js', timestamp: 7 }
    socket.send(JSON.stringify({ type: 'update', updates: [update] }))
    await tab.page.waitForFunction(`told.includes('/a.js')`)
    assert.equal(site.server.ws.clients.size, 0)
    await socket.close({ code: 1006 })
    await until(() => tab.loads === 2, 'the reload')
    assert.deepEqual([tab.said('Polling for restart'), tab.said('[vite-native-ws]')], [1, 0])
  })
})
