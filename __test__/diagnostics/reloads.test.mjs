// Why a page reloads: one line for each reload, and a count by cause.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeFullReload, senderOf } from '../../lib/diagnostics/reload-cause.js'
import { FeedReader, feedToken, serveVite } from '../inspector/feed.mjs'
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
