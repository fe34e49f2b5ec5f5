import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { Client } from '../support/client.mjs'
import { until, within } from '../support/deadline.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { listen } from '../support/port.mjs'
import { RawClient } from '../support/raw-client.mjs'
import { rawAnswer } from '../support/raw-socket.mjs'
import { FeedReader, feedToken, request, serveVite } from './feed.mjs'

const KIB = 1024
const PATHS = [
  '/__ws',
  '/__ws/',
  '/__ws/page.mjs',
  '/__ws/feed',
  '/__ws/metrics',
  '/__ws/payload/1',
]

test('a foreign Host or Origin is refused as the socket refuses it', async (t) => {
  const { port } = await serveVite(t, { inspector: { metrics: true } })
  const token = await feedToken(port)
  const own = `127.0.0.1:${port}`
  const foreign = [
    { Host: 'evil.example' },
    { Host: own, Origin: 'http://evil.example' },
    { Host: own, Origin: 'http://localhost:3000' },
    { Host: own, Origin: 'null' },
    { Host: own, 'Sec-Fetch-Site': 'cross-site' },
    { Host: own, 'Sec-Fetch-Site': 'same-site' },
  ]
  for (const headers of foreign.slice(0, 2)) {
    const answer = await rawAnswer(port, upgradeRequest({ headers }))
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request/, `the socket: ${JSON.stringify(headers)}`)
  }
  for (const path of PATHS) {
    for (const headers of foreign) {
      const all = { ...headers, 'X-Vite-Native-WS-Token': token }
      const { status, body } = await request(port, path, { headers: all })
      // Vite itself refuses the name.
      if (headers.Host !== own) assert.equal(status, 403)
      else
        assert.deepEqual([status, body], [400, 'Bad Request'], `${path} ${JSON.stringify(headers)}`)
    }
  }
  const same = { Host: own, Origin: `http://${own}`, 'Sec-Fetch-Site': 'same-origin' }
  assert.equal((await request(port, '/__ws/', { headers: same })).status, 200)
})

test('the feed and the payloads take the token of the page', async (t) => {
  const { port, token: viteToken } = await serveVite(t)
  const token = await feedToken(port)
  assert.notEqual(token, viteToken)
  for (const wrong of ['', 'x', viteToken, token.slice(1), `${token}x`]) {
    const headers = { 'X-Vite-Native-WS-Token': wrong }
    for (const path of ['/__ws/feed', '/__ws/payload/1', `/__ws/feed?token=${token}`]) {
      assert.equal((await request(port, path, { headers })).status, 400, path)
    }
  }
  const reader = await FeedReader.open(t, port, token)
  assert.equal(reader.status, 200)
})

test('the page keeps to itself, and nothing else of the disk is served', async (t) => {
  const { port } = await serveVite(t, {}, { base: '/sub/' })
  const { status, headers, body } = await request(port, '/sub/__ws/')
  assert.equal(status, 200)
  assert.match(headers['content-security-policy'], /default-src 'none'.+frame-ancestors 'self'$/)
  assert.match(headers['cache-control'], /no-store/)
  assert.doesNotMatch(body, /https?:/)
  const redirect = await request(port, '/sub/__ws?x')
  assert.deepEqual([redirect.status, redirect.headers.location], [302, '__ws/'])
  for (const name of ['nothing', '../index.js', '%2e%2e/index.js', 'index.html', 'metrics']) {
    assert.equal((await request(port, `/sub/__ws/${name}`)).status, 404, name)
  }
  assert.equal((await request(port, '/sub/__ws/', { method: 'POST' })).status, 405)
  for (const elsewhere of ['/sub/__wsx', '/sub/x/__ws/']) {
    assert.doesNotMatch((await request(port, elsewhere)).body, /name="feed"/)
  }
})

test('the timeline says what was sent, to whom, and when the last client had it', async (t) => {
  const { ws, port } = await serveVite(t)
  const clients = [await Client.connect(port), await Client.connect(port)]
  const ids = ws.stats().perClient.map(({ id }) => id)
  assert.deepEqual(ids, [1, 2], 'numbered from 1')
  const reader = await FeedReader.open(t, port, await feedToken(port))
  await until(() => reader.last, 'the first event')
  const payload = { type: 'custom', event: 'to:all', data: 'x' }
  ws.send(payload)
  ws.on('hello', (data, client) => client.send('reply', data))
  clients[0].emit('hello', 1)
  clients[1].emit('unheard', 2)
  const find = (about) => [...reader.entries.values()].find((entry) => entry.about === about)
  const isThere = (about) => () => find(about) && find(about).delivery?.isSettled !== false
  for (const about of ['to:all', 'hello', 'unheard', 'reply']) await until(isThere(about), about)

  const { delivery, way, size, type } = find('to:all')
  assert.deepEqual([way, size, type], ['out', JSON.stringify(payload).length, 'custom'])
  assert.deepEqual([delivery.expected, delivery.delivered, delivery.lost], [2, 2, 0])
  assert.deepEqual(delivery.named.map(([id]) => id).sort(), ids)
  assert.ok(ids.includes(delivery.lastClient))
  assert.ok(delivery.lastMs >= 0 && delivery.lastMs < 20_000, `${delivery.lastMs} ms`)
  assert.deepEqual([find('hello').way, find('hello').client], ['in', ids[0]])
  assert.deepEqual([find('unheard').way, find('unheard').client], ['in', ids[1]])
  assert.deepEqual([find('reply').client, find('reply').delivery.delivered], [ids[0], 1])

  const token = await feedToken(port)
  const headers = { 'X-Vite-Native-WS-Token': token }
  const { body } = await request(port, `/__ws/payload/${find('unheard').seq}`, { headers })
  assert.deepEqual(JSON.parse(JSON.parse(body).text).data, 2)
  await until(() => [...reader.clients.values()].every((one) => one.roundTrip !== null), 'pings')

  clients[0].socket.close(1001)
  clients[1].socket.terminate()
  await until(() => reader.gone.length === 2, 'both to be gone')
  const [first, second] = reader.gone.toSorted((a, b) => a.id - b.id)
  assert.deepEqual([first.code, first.why], [1001, 'page unload'])
  assert.deepEqual([second.code, second.id], [1006, ids[1]])
})

test('a client that does not read is shown with its queue, and what it loses', async (t) => {
  const options = { highWaterMark: 512 * KIB, lowWaterMark: 64 * KIB }
  const { ws, port } = await serveVite(t, options)
  const healthy = await RawClient.connect(t, port)
  const stalled = await RawClient.connect(t, port)
  const id = ws.stats().perClient[1].id
  const reader = await FeedReader.open(t, port, await feedToken(port))
  stalled.socket.pause()
  await until(async () => {
    ws.send('big', 'x'.repeat(256 * KIB))
    await healthy.next()
    return reader.clients.get(id)?.isStalled
  }, 'the client to be shown as stalled')
  const lost = () => [...reader.entries.values()].find((entry) => entry.delivery?.lost)
  await until(lost, 'a message that it lost')
  assert.deepEqual(
    lost().delivery.named.find(([client]) => client === id),
    [id, null],
  )
  assert.equal(lost().delivery.delivered, 1)
  stalled.socket.resume()
  await until(() => reader.clients.get(id)?.isStalled === false, 'it to read again')
  const types = () => [...reader.entries.values()].map(({ type }) => type)
  await until(() => types().includes('reload'), 'the reload that this causes')
  assert.ok(types().includes('overflow'))
})

test('memory is bounded: entries, their bytes, and what is kept of one payload', async (t) => {
  const limits = { inspector: { messages: 50, bytes: 200 * KIB, payload: 4 * KIB } }
  const { ws, port } = await serveVite(t, limits)
  const client = await Client.connect(port)
  const token = await feedToken(port)
  const first = await FeedReader.open(t, port, token)
  await until(() => first.last, 'the first event')
  const total = 300
  for (let number = 0; number < total; number++) ws.send('big', `${number}${'ä'.repeat(50 * KIB)}`)
  client.socket.send(JSON.stringify({ type: 'custom', event: 'large', data: 'y'.repeat(1e6) }))
  for (let number = 0; number < total; number++) await client.next()
  await until(() => [...first.entries.values()].some(({ way }) => way === 'in'), 'the large one')
  const second = await FeedReader.open(t, port, token)
  await until(() => second.last, 'the first event')
  const kept = [...second.entries.values()]
  assert.ok(kept.length > 10 && kept.length <= 50, `${kept.length} entries`)
  const headers = { 'X-Vite-Native-WS-Token': token }
  const sizes = []
  for (const { seq, size } of kept) {
    const answer = await request(port, `/__ws/payload/${seq}`, { headers })
    const payload = JSON.parse(answer.body)
    assert.deepEqual([payload.isCut, payload.size], [true, size])
    sizes.push(Buffer.byteLength(payload.text))
  }
  assert.ok(Math.max(...sizes) <= 4 * KIB)
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 200 * KIB)
  const { status } = await request(port, '/__ws/payload/1', { headers })
  assert.equal(status, 404, 'the oldest are gone')
})

test("neither token is in what the feed tells, though a payload has Vite's", async (t) => {
  const { ws, port, token: viteToken } = await serveVite(t)
  const token = await feedToken(port)
  const path = `/?token=${viteToken}`
  const client = await Client.connect(port, path, { origin: `http://127.0.0.1:${port}` })
  const reader = await FeedReader.open(t, port, token)
  await until(() => reader.last, 'the first event')
  ws.send('leak', `before ${viteToken} ${token} after`)
  client.emit(`leak:${viteToken}`, viteToken)
  const wrong = `/?token=${viteToken.slice(1)}x`
  await rawAnswer(port, upgradeRequest({ headers: { Origin: 'http://evil.example' }, path: wrong }))
  const has = (test) => () => [...reader.entries.values()].find(test)
  await until(
    has(({ type }) => type === 'refused'),
    'the refusal',
  )
  await until(
    has(({ about }) => about.startsWith('leak:')),
    'the message from the client',
  )
  const { seq } = has(({ about }) => about === 'leak')()
  const headers = { 'X-Vite-Native-WS-Token': token }
  const { body } = await request(port, `/__ws/payload/${seq}`, { headers })
  assert.equal(JSON.parse(JSON.parse(body).text).data, 'before [token] [token] after')
  for (const secret of [token, viteToken, viteToken.slice(1)]) {
    assert.ok(!reader.text.includes(secret))
  }
})

test('nothing is recorded while nobody watches', async (t) => {
  const { ws, port } = await serveVite(t)
  const client = await Client.connect(port)
  const token = await feedToken(port)
  ws.send('before', 1)
  await client.next()
  const first = await FeedReader.open(t, port, token)
  await until(() => first.last, 'the first event')
  assert.equal(first.entries.size, 0)
  ws.send('during', 1)
  await until(() => first.entries.size === 1, 'the message')
  const { pings } = ws.stats()
  assert.ok(pings >= 1, 'clients are pinged while somebody watches')
  first.close()
  // A page that is reloaded comes back at once and misses nothing.
  const second = await FeedReader.open(t, port, token)
  await until(() => second.entries.size === 1, 'what was recorded before')
  second.close()
  await until(async () => {
    const later = await FeedReader.open(t, port, token)
    await until(() => later.last, 'the first event')
    later.close()
    if (later.entries.size === 0) return true
    await new Promise((resolve) => setTimeout(resolve, 4000))
    return false
  }, 'the record to be forgotten')
})

test('a server that closes ends its feeds', async (t) => {
  const { server, port } = await serveVite(t)
  const reader = await FeedReader.open(t, port, await feedToken(port))
  await until(() => reader.last, 'the first event')
  await within(server.close(), 'closing the server')
  await within(reader.ended, 'the end of the feed')
  assert.equal(reader.last, 'end')
})

test('inspector: false serves nothing', async (t) => {
  const { port } = await serveVite(t, { inspector: false })
  for (const path of ['/__ws/', '/__ws/feed', '/__ws/metrics']) {
    const { headers } = await request(port, path)
    assert.equal(headers['content-security-policy'], undefined, path)
  }
})

test('metrics are served where they were asked for', async (t) => {
  const { port } = await serveVite(t, { inspector: { metrics: true } })
  const client = await Client.connect(port)
  const { status, headers, body } = await request(port, '/__ws/metrics')
  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4')
  const line =
    /^(?:# (?:HELP|TYPE) vite_native_ws_\w+ .+|vite_native_ws_\w+(?:\{\w+="\w+"\})? [\d.]+)$/
  for (const text of body.trimEnd().split('\n')) assert.match(text, line)
  assert.match(body, /^vite_native_ws_clients 1$/m)
  assert.match(body, /^vite_native_ws_clients_total\{transport="adopted"\} 1$/m)
  client.socket.terminate()
})

test('it is served in middleware mode', async (t) => {
  const parent = http.createServer((...args) => server.middlewares(...args))
  const { server } = await serveVite(t, {}, { server: { middlewareMode: { server: parent } } })
  t.after(() => parent.close())
  const port = await listen(parent)
  assert.equal((await request(port, '/__ws/')).status, 200)
  const reader = await FeedReader.open(t, port, await feedToken(port))
  await until(() => reader.last, 'the first event')
  reader.close()
})
