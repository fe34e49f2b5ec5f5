// Why a page reloads: one line for each reload, and a count by cause.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeCause, describeFullReload, senderOf } from '../../lib/diagnostics/reload-cause.js'
import { FeedReader, feedToken, serveVite } from '../inspector/feed.mjs'
import { browserEnvironment, PageSocket } from '../reconnect/page.mjs'
import { lose, open } from '../reconnect/proxied-page.mjs'
import { Client } from '../support/client.mjs'
import { until } from '../support/deadline.mjs'

test('the sender of a full-reload is the first that is neither ours nor Vite', () => {
  const ours = join(import.meta.dirname, '../../lib/vite/clients.js')
  const stack = (...places) =>
    ['Error', ...places.map((place) => `    at f (${place}:1:2)`)].join('\n')
  const vite = '/app/node_modules/vite/dist/node/chunks/dep.js'
  assert.equal(senderOf(stack(ours, vite, 'node:events')), 'Vite')
  assert.equal(
    senderOf(stack(ours, vite, '/app/node_modules/@a/plugin/index.js', vite)),
    '@a/plugin',
  )
  assert.equal(senderOf(stack(ours, 'file:///app/plugins/mine.mjs')), 'mine.mjs')
  const compiled = 'file:///app/node_modules/.vite-temp/vite.config.ts.timestamp-17-ab.mjs'
  assert.equal(senderOf(stack(ours, compiled)), 'vite.config.ts')
})

test('new dependencies are named where the optimizer of Vite sends', () => {
  const vite = 'file:///app/node_modules/vite/dist/node/chunks/node.js:1:2'
  const stack = ['Error', `    at fullReload (${vite})`, `    at runOptimizer (${vite})`].join('\n')
  assert.equal(describeCause(undefined, stack), 'Vite optimized new dependencies')
  const other = stack.replace('fullReload', 'fullReloads')
  assert.equal(describeCause(undefined, other), 'no file is named; sent by Vite')
})

test('other messages are no reloads, even where they speak of one', () => {
  const text = JSON.stringify({ type: 'custom', event: 'x', data: '"full-reload"' })
  assert.equal(describeFullReload(text), undefined)
  const inData = JSON.stringify({ type: 'custom', event: 'x', data: ['full-reload'] })
  assert.equal(describeFullReload(inData), undefined)
})

test('an edit, a plugin and a page of an earlier server: each reload has its cause', async (t) => {
  const { ws, port, token } = await serveVite(t)
  const clients = [await Client.connect(port), await Client.connect(port)]
  const reader = await FeedReader.open(t, port, await feedToken(port))
  await until(() => reader.last, 'the first event')
  ws.send({ type: 'full-reload', path: '*', triggeredBy: '/app/index.html' })
  ws.on('please', (_data, client) => client.send({ type: 'full-reload' }))
  clients[1].emit('please', 1)
  const reloads = () => [...reader.entries.values()].filter(({ type }) => type === 'reload')
  await until(() => reloads().length === 2, 'both reloads')
  const [all, one] = reloads()
  assert.equal(all.about, '/app/index.html changed; sent by reloads.test.mjs')
  assert.equal(one.about, 'no file is named; sent by reloads.test.mjs')
  assert.deepEqual([all.client, one.client], [0, 2])

  const { session } = ws.stats()
  for (const ticket of ['earlier.key.0.0.0', `${session}.unknown.0.0.0`]) {
    const query = `?token=${token}&vite-native-ws=${ticket}`
    assert.equal((await new Client(`ws://127.0.0.1:${port}/${query}`).closed).code, 4001)
  }
  await until(() => reloads().length === 4, 'those of the pages that cannot go on')
  const [restart, unknown] = reloads().slice(2)
  assert.match(restart.about, /: the dev server was restarted, or is another$/)
  assert.match(unknown.about, /: it was away for too long$/)
  const expected = { fullReload: 3, overflow: 0, restart: 1, notResumed: 1 }
  assert.deepEqual(ws.stats().reloads, expected)
  for (const client of clients) client.socket.terminate()
})

test('a page that finds out by itself says so when it has reloaded, once', async (t) => {
  const { environment, reloaded } = reloadable()
  const setup = await open(t, { settings: { maxMessages: 4 }, environment })
  await lose(setup)
  for (const number of [1, 2, 3, 4, 5]) setup.page.emit('up', number)
  setup.proxy.restore()
  await reloaded
  const url = `ws://127.0.0.1:${setup.port}/`
  const next = new PageSocket(url, { environment })
  t.after(() => next.socket.close())
  await until(() => setup.ws.stats().reloads.notResumed === 1, 'its word')
  const last = new PageSocket(url, { environment })
  t.after(() => last.socket.close())
  await last.opened
  const heard = new Promise((resolve) => setup.ws.on('up', resolve))
  last.emit('up', 6)
  await heard
  assert.deepEqual(setup.ws.stats().reloads, { ...NONE, notResumed: 1 })
})

test('the reason of the server is counted by the server alone', async (t) => {
  const { environment, reloaded } = reloadable()
  const setup = await open(t, { environment })
  const other = await open(t)
  await lose(setup)
  setup.proxy.target = other.port
  setup.proxy.restore()
  await reloaded
  const next = new PageSocket(`ws://127.0.0.1:${other.port}/`, { environment })
  t.after(() => next.socket.close())
  await next.opened
  const heard = new Promise((resolve) => other.ws.on('up', resolve))
  next.emit('up', 1)
  await heard
  assert.deepEqual(other.ws.stats().reloads, { ...NONE, restart: 1 })
})

test('no client can put a text of its own among the causes', async (t) => {
  const { ws, port } = await open(t)
  const client = await Client.connect(port)
  for (const reason of ['\u001b[31mred', { toString: 1 }, null, 'constructor']) {
    client.emit('vite-native-ws:reloaded', reason)
  }
  const heard = new Promise((resolve) => ws.on('up', resolve))
  client.emit('up', 1)
  await heard
  assert.deepEqual(ws.stats().reloads, NONE)
  client.socket.terminate()
})

const NONE = { fullReload: 0, overflow: 0, restart: 0, notResumed: 0 }

/** What a tab has of the browser, over its documents. */
function reloadable() {
  const kept = new Map()
  const sessionStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  }
  const location = {}
  const reloaded = new Promise((resolve) => {
    location.reload = resolve
  })
  const document = new EventTarget()
  return { environment: browserEnvironment({ document, location, sessionStorage }), reloaded }
}
