// What is sent to one page while that page is away. The tab that was never cut says what is right.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { launchChromium } from '../../../scripts/browser.mjs'
import { ensurePackages } from '../packages.mjs'
import { gate, gives, leave, Scenario, until, value } from './scenario.mjs'

const RPC_PAGE = `import { createRPCClient } from 'vite-dev-rpc'
const rpc = createRPCClient('twins', import.meta.hot, {}, { timeout: 60_000 })
window.answers = []
window.ask = (word) => rpc.slow(word).then((answer) => window.answers.push(answer))
window.isReady = true
`

const EVENTS_PAGE = `window.heard = []
import.meta.hot.on('answer', (data) => window.heard.push(data))
import.meta.hot.on('news', (data) => window.heard.push(data))
window.ask = (data) => import.meta.hot.send('ask', data)
window.isReady = true
`

const open = ({ clients }) => [...clients].filter(({ socket }) => socket.readyState === 1).length

describe('what is sent to a page that is away', () => {
  let browser
  let createRPCServer
  before(async () => {
    const packages = ensurePackages('vite8')
    const rpc = await import(`${packages}/node_modules/vite-dev-rpc/dist/index.mjs`)
    createRPCServer = rpc.createRPCServer
    browser = await launchChromium(console.log)
  })
  after(() => browser?.close())

  it('includes the answer of vite-dev-rpc, and the calls afterwards work', async (t) => {
    let waiting = gate()
    let asked = 0
    const scenario = await Scenario.open(t, {
      browser,
      files: { 'main.js': RPC_PAGE },
      configureServer: ({ ws }) => {
        createRPCServer('twins', ws, {
          slow: async (word) => {
            asked += 1
            await waiting.opened
            return `${word}!`
          },
        })
      },
    })
    const stayed = await scenario.tab()
    const left = await scenario.tab()
    for (const tab of [stayed, left]) await value(tab, `ask('first'), undefined`)
    await until(() => asked === 2, 'the calls')
    await leave(left)
    waiting.open()
    await gives(stayed, 'answers', ['first!'])
    left.proxy.restore()
    await gives(left, 'answers', ['first!'])
    waiting = gate()
    waiting.open()
    for (const tab of [stayed, left]) {
      await value(tab, `ask('second'), undefined`)
      await gives(tab, 'answers', ['first!', 'second!'])
    }
    assert.equal(left.loads, 1)
  })

  it('is what `client.send` sends after an await, in order with what all are sent', async (t) => {
    const waiting = gate()
    const asking = []
    const scenario = await Scenario.open(t, {
      browser,
      files: { 'main.js': EVENTS_PAGE },
      configureServer: ({ ws }) => {
        ws.on('ask', async (data, client) => {
          asking.push(data)
          await waiting.opened
          client.send('answer', data)
        })
      },
    })
    const { ws } = scenario.vite
    const stayed = await scenario.tab()
    const left = await scenario.tab()
    await value(left, `ask('a'), ask('b'), undefined`)
    await until(() => asking.length === 2, 'the questions')
    await leave(left)
    ws.send('news', 1)
    waiting.open()
    await waiting.opened
    // The answers are sent when this promise's own listeners have run.
    await new Promise((resolve) => setImmediate(resolve))
    ws.send('news', 2)
    await gives(stayed, 'heard', [1, 2])
    left.proxy.restore()
    await gives(left, 'heard', [1, 'a', 'b', 2])
    ws.send('news', 3)
    await gives(left, 'heard', [1, 'a', 'b', 2, 3])
    assert.equal(left.loads, 1)
  })

  it('is every custom event, once and in order', async (t) => {
    const scenario = await Scenario.open(t, { browser, files: { 'main.js': EVENTS_PAGE } })
    const { ws } = scenario.vite
    const stayed = await scenario.tab()
    const left = await scenario.tab()
    ws.send('news', 0)
    await gives(left, 'heard', [0])
    await leave(left)
    for (const number of [1, 2, 3, 4, 5]) ws.send('news', number)
    await gives(stayed, 'heard', [0, 1, 2, 3, 4, 5])
    left.proxy.restore()
    await gives(left, 'heard', [0, 1, 2, 3, 4, 5])
    assert.equal(left.loads, 1)
  })

  it('is a reload, once, where custom events are not kept', async (t) => {
    const scenario = await Scenario.open(t, {
      browser,
      files: { 'main.js': EVENTS_PAGE },
      options: { reconnect: { customEvents: false } },
    })
    const { ws } = scenario.vite
    const stayed = await scenario.tab()
    const left = await scenario.tab()
    await leave(left)
    ws.send('news', 1)
    await gives(stayed, 'heard', [1])
    left.proxy.restore()
    await until(() => left.loads === 2, 'the reload')
    await until(() => open(ws) === 2, 'the connection of the new document')
    await gives(left, 'window.isReady && heard', [])
    ws.send('news', 2)
    await gives(left, 'heard', [2])
    assert.equal(left.loads, 2)
  })
})
