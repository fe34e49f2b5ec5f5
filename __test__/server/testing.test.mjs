// `vite-native-ws/testing`: the client is ours, so a server of `ws` and this package's are its judges.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { WebSocketServer } from 'ws'
import nativeWs from '../../lib/index.mjs'
import { startVite } from '../support/dev-server.mjs'

const { connectTestClient, startTestServer } = createRequire(import.meta.url)(
  '../../lib/testing/index.js',
)
const SHORT_MS = 200

async function start(t, options) {
  const server = await startTestServer(options)
  t.after(() => server.close())
  return server
}

test('an event is answered, and messages are taken in any order', async (t) => {
  const { ws, connect } = await start(t)
  ws.on('my:question', (data, client) => {
    client.send('my:first', 1)
    client.send('my:answer', data * 2)
    client.send('my:answer', data * 3)
    client.send({ type: 'full-reload', path: '*' })
  })
  const client = await connect()
  client.send('my:question', 10)
  assert.deepEqual(await client.nextPayload('full-reload'), { type: 'full-reload', path: '*' })
  assert.equal(await client.next('my:answer'), 20)
  assert.equal(await client.next('my:answer'), 30)
  assert.equal(await client.next('my:first'), 1)
  assert.deepEqual(
    client.received.map(({ type, event }) => event ?? type),
    ['connected', 'my:first', 'my:answer', 'my:answer', 'full-reload'],
  )
})

test('what did not arrive is named, with what did', async (t) => {
  const { ws, connect } = await start(t)
  const client = await connect()
  ws.send('my:other', { number: 1 })
  await assert.rejects(client.next('my:answer', { timeout: SHORT_MS }), {
    code: 'ERR_NATIVE_WS_NO_MESSAGE',
    message:
      'vite-native-ws: the event "my:answer" did not arrive: not within 200 ms. What arrived:\n' +
      '  payload "connected" {}\n  event "my:other" {"number":1}',
  })
  const late = client.nextPayload('update', { timeout: 20_000 })
  for (const peer of ws.clients) peer.socket.close(4001, 'enough')
  await assert.rejects(late, { message: /a payload "update".*the connection is closed \(4001\)/s })
  assert.deepEqual(await client.closed, { code: 4001, reason: 'enough' })
  await assert.rejects(client.next('my:answer'), { code: 'ERR_NATIVE_WS_NO_MESSAGE' })
})

for (const length of [0, 125, 126, 65_535, 65_536, 1_000_000]) {
  test(`${length} characters there and back, also in fragments`, async (t) => {
    const { ws, connect } = await start(t)
    const client = await connect()
    const heard = new Promise((resolve) => ws.on('my:text', resolve))
    const text = 'é'.repeat(length)
    client.send('my:text', text)
    assert.equal(await heard, text)
    ws.send('my:text', text)
    assert.equal(await client.next('my:text'), text)
    const [{ socket }] = ws.clients
    const whole = JSON.stringify({ type: 'custom', event: 'my:parts', data: text })
    socket.send(whole.slice(0, 10), { fin: false })
    const pong = once(socket, 'pong')
    socket.ping()
    socket.send(whole.slice(10), { fin: true })
    assert.equal(await client.next('my:parts'), text)
    await pong
  })
}

test('its frames and its close please the server of ws', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  t.after(() => server.close())
  server.on('connection', (socket) => {
    socket.send('{"type":"connected"}')
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  const client = await connectTestClient(`ws://127.0.0.1:${server.address().port}`)
  const [socket] = server.clients
  const closed = once(socket, 'close')
  client.send('my:echo', 'x'.repeat(70_000))
  assert.equal((await client.next('my:echo')).length, 70_000)
  socket.ping('there?')
  assert.equal(String((await once(socket, 'pong'))[0]), 'there?')
  assert.deepEqual(await client.close(), { code: 1000, reason: '' })
  assert.equal((await closed)[0], 1000)
})

test('it comes to a Vite dev server by its path, with the token that a browser needs', async (t) => {
  const inline = { base: '/base/', plugins: [nativeWs()], server: { ws: { path: 'socket' } } }
  const { server: vite } = await startVite(t, inline, { listens: false })
  await assert.rejects(connectTestClient(vite), { code: 'ERR_NATIVE_WS_INVALID_ARG' })
  await vite.listen()
  const headers = { Origin: 'http://elsewhere.example' }
  const client = await connectTestClient(vite, { headers })
  vite.ws.send('my:news', 1)
  assert.equal(await client.next('my:news'), 1)
  const url = `ws://127.0.0.1:${vite.httpServer.address().port}/base/socket`
  await assert.rejects(connectTestClient(url, { headers }), {
    code: 'ERR_NATIVE_WS_NO_CONNECTION',
    message: `vite-native-ws: no WebSocket connection to ${url}: the server answered 400 Bad Request.`,
  })
  await connectTestClient(url)
})

test('nobody listens: the error says where', async () => {
  await assert.rejects(connectTestClient('ws://127.0.0.1:1/'), {
    code: 'ERR_NATIVE_WS_NO_CONNECTION',
    message: /to ws:\/\/127\.0\.0\.1:1\/: .*ECONNREFUSED/,
  })
})

test('a server ends its clients, and may be closed twice', async () => {
  const server = await startTestServer({ keepalive: 0 })
  const clients = [await server.connect(), await server.connect()]
  assert.equal(server.ws.stats().clients, 2)
  await server.close()
  await server.close()
  for (const client of clients) assert.equal((await client.closed).code, 1006)
  assert.equal(server.httpServer.listening, false)
})

test('both are disposed of at the end of `await using`', async () => {
  const server = await startTestServer()
  const client = await server.connect()
  await client[Symbol.asyncDispose]()
  assert.equal((await client.closed).code, 1000)
  await server[Symbol.asyncDispose]()
  assert.equal(server.httpServer.listening, false)
})

/** The line of this file that an error points at first. */
function placeOf(error) {
  const [, file, line] = /\n {4}at (?:.*\()?(?:file:\/\/)?(.*):(\d+):\d+\)?/.exec(error.stack) ?? []
  return `${file?.split('/').at(-1)}:${line}`
}

/** Waits that fail, each made within this file. */
const FAILED_WAITS = {
  'a custom event that does not come': ({ client }) => client.next('never', { timeout: SHORT_MS }),
  'a payload that does not come': ({ client }) =>
    client.nextPayload('prune', { timeout: SHORT_MS }),
  'a message on a connection that ends meanwhile'({ client }) {
    setImmediate(() => client.terminate())
    return client.next('never')
  },
  async 'a message on a connection that has ended'({ client }) {
    await client.terminate()
    return client.next('never')
  },
  'a connection that is refused': ({ server }) =>
    server.connect({ headers: { Host: 'stranger.example' } }),
  'a connection that nobody answers': ({ server }) =>
    server.connect({ headers: { 'Sec-WebSocket-Protocol': 'other' } }),
  'a server that does not listen': () => connectTestClient('ws://127.0.0.1:1'),
  'what is no server': () => connectTestClient({}),
}

for (const [what, wait] of Object.entries(FAILED_WAITS)) {
  test(`the error of a failed wait points at the test: ${what}`, async (t) => {
    const server = await start(t)
    const error = await wait({ server, client: await server.connect() }).catch((error) => error)
    assert.match(error.message, /^vite-native-ws: /)
    assert.match(placeOf(error), /^testing\.test\.mjs:/)
    assert.ok(error.stack.startsWith(`${error.name}: ${error.message}\n`), error.stack)
  })
}

for (const files of [['index'], ['client'], ['index', 'client', 'mailbox', 'disposable']]) {
  test(`the module can be evaluated again: ${files.join(', ')}`, async () => {
    const require = createRequire(import.meta.url)
    const path = (name) => require.resolve(`../../lib/testing/${name}.js`)
    for (const name of files) delete require.cache[path(name)]
    const again = require(path('index'))
    const server = await again.startTestServer()
    const client = await server.connect()
    const { asyncDispose } = Symbol
    await client[asyncDispose]()
    await server[asyncDispose]()
  })
}
