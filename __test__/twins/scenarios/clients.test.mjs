// A client is a page, not a connection: what plugins and pages see of an outage.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { launchChromium } from '../../../scripts/browser.mjs'
import { gives, leave, Scenario, until, value } from './scenario.mjs'

const PRESENCE_PAGE = `window.people = []
import.meta.hot.on('people', (people) => { window.people = people })
window.join = (name) => import.meta.hot.send('join', name)
window.who = () => import.meta.hot.send('who')
window.isReady = true
`

const EVENTS_PAGE = `window.events = []
for (const event of ['vite:ws:connect', 'vite:ws:disconnect']) {
  import.meta.hot.on(event, () => window.events.push(event))
}
window.isReady = true
`

describe('a page that was away, as plugins and its own code see it', () => {
  let browser
  before(async () => {
    browser = await launchChromium(console.log)
  })
  after(() => browser?.close())

  it('keeps what a presence plugin has by its client, until it is closed', async (t) => {
    const people = new Map()
    const heard = []
    const scenario = await Scenario.open(t, {
      browser,
      files: { 'main.js': PRESENCE_PAGE },
      configureServer: ({ ws }) => {
        const tell = () => ws.send('people', [...people.values()].sort())
        ws.on('join', (name, client) => {
          people.set(client, name)
          tell()
        })
        ws.on('who', (_, client) => client.send('people', [`you are ${people.get(client)}`]))
        ws.on('vite:client:connect', () => heard.push('connect'))
        ws.on('vite:client:disconnect', (_, client) => {
          heard.push(`disconnect ${people.get(client)}`)
          people.delete(client)
          tell()
        })
      },
    })
    const { ws } = scenario.vite
    const stayed = await scenario.tab()
    const left = await scenario.tab()
    await value(stayed, `join('stayed'), undefined`)
    await value(left, `join('left'), undefined`)
    for (const tab of [stayed, left]) await gives(tab, 'people', ['left', 'stayed'])
    const [client] = [...people].find(([, name]) => name === 'left')
    await leave(left)
    // Whatever the server does about the loss comes before it answers somebody else.
    await value(stayed, 'who(), undefined')
    await gives(stayed, 'people', ['you are stayed'])
    assert.deepEqual([...people.values()].sort(), ['left', 'stayed'])
    assert.ok(ws.clients.has(client), 'the client is there while its page is away')
    await until(() => client.socket.readyState !== client.socket.OPEN, 'its socket to be closed')
    left.proxy.restore()
    await value(left, 'who(), undefined')
    await gives(left, 'people', ['you are left'])
    assert.ok(ws.clients.has(client), 'the client is the same when its page is back')
    assert.equal(client.socket.readyState, client.socket.OPEN)
    assert.deepEqual([heard, left.loads], [['connect', 'connect'], 1])
    await left.page.close()
    await gives(stayed, 'people', ['stayed'])
    assert.deepEqual(heard, ['connect', 'connect', 'disconnect left'])
    assert.ok(!ws.clients.has(client))
  })

  it('emits `vite:ws:disconnect` when it notices, and `vite:ws:connect` when it is back', async (t) => {
    const scenario = await Scenario.open(t, { browser, files: { 'main.js': EVENTS_PAGE } })
    const left = await scenario.tab()
    const earlier = await value(left, 'events')
    await leave(left)
    await gives(left, 'events', [...earlier, 'vite:ws:disconnect'])
    left.proxy.restore()
    await gives(left, 'events', [...earlier, 'vite:ws:disconnect', 'vite:ws:connect'])
    assert.equal(left.loads, 1)
  })

  it('forwards what it wrote to its console meanwhile, once', async (t) => {
    const scenario = await Scenario.open(t, {
      browser,
      files: {
        'main.js': 'window.isReady = true\nif (import.meta.hot) import.meta.hot.accept()\n',
      },
      server: { forwardConsole: true },
    })
    const said = (text) => scenario.lines.filter((line) => line.includes(text)).length
    const stayed = await scenario.tab()
    const left = await scenario.tab()
    await leave(left)
    await value(stayed, `console.error('from the one that stayed')`)
    await value(left, `console.error('from the one that left')`)
    await until(() => said('from the one that stayed') === 1, 'the line of the tab that stayed')
    left.proxy.restore()
    await until(() => said('from the one that left') === 1, 'the line of the tab that left')
    await value(left, `console.error('and later')`)
    await until(() => said('and later') === 1, 'a later line')
    assert.deepEqual([said('from the one that left'), left.loads], [1, 1])
  })

  it('receives nothing but the JSON objects of Vite’s protocol', async (t) => {
    const scenario = await Scenario.open(t, { browser, files: { 'main.js': PRESENCE_PAGE } })
    const left = await scenario.tab()
    const frames = []
    left.page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => frames.push(String(payload)))
    })
    await left.page.reload()
    await until(() => value(left, 'window.isReady'), 'the page to be ready')
    scenario.vite.ws.send('people', ['a'])
    await gives(left, 'people', ['a'])
    await leave(left)
    scenario.vite.ws.send('people', ['b'])
    left.proxy.restore()
    await gives(left, 'people', ['b'])
    const types = frames.map((frame) => {
      try {
        return typeof JSON.parse(frame).type
      } catch {
        return frame
      }
    })
    assert.deepEqual([...new Set(types)], ['string'])
  })
})
