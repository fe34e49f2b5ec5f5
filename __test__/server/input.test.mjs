import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { Client } from '../support/client.mjs'
import { startVite } from '../support/dev-server.mjs'
import { entry, serve } from '../support/server.mjs'

const { createWebSocketServer, nativeWs } = entry
const code = 'ERR_NATIVE_WS_INVALID_ARG'

for (const server of [42, 'server', {}, [], true]) {
  test(`a server that is none is refused: ${JSON.stringify(server)}`, () => {
    const message = /server must be an HTTP or HTTPS server, such as http\.createServer\(\)/
    assert.throws(() => createWebSocketServer(server, {}), { name: 'TypeError', code, message })
  })
}

for (const [config, message] of [
  [null, /config must be an object; it is null/],
  ['x', /config must be an object; it is "x"/],
  [{ base: 1 }, /config\.base must be a string/],
  [{ server: 7 }, /config\.server must be an object/],
  [{ server: { ws: { port: 'http' } } }, /server\.ws\.port must be a port, 0 to 65535/],
  [{ server: { ws: { port: 70000 } } }, /server\.ws\.port/],
  [{ server: { ws: { path: 1 } } }, /server\.ws\.path must be a string/],
  [{ server: { ws: { server: {} } } }, /server\.ws\.server must be an HTTP/],
  [{ webSocketToken: 1 }, /webSocketToken must be a string/],
]) {
  test(`a configuration of the wrong type is refused: ${message.source}`, () => {
    const server = http.createServer()
    assert.throws(() => createWebSocketServer(server, config), { name: 'TypeError', code, message })
    assert.equal(server.listenerCount('upgrade'), 0, 'nothing is left behind')
  })
}

for (const [options, message] of [
  ['bridge', /options must be an object/],
  [{ transport: 'fd' }, /option "transport" must be "auto" or "bridge"; it is "fd"/],
  [{ keepalive: -1 }, /option "keepalive" must be a whole number of milliseconds/],
  [{ highWaterMark: 1, lowWaterMark: 2 }, /option "lowWaterMark" must be at most highWaterMark/],
  [{ keepAlive: 1 }, /there is no option "keepAlive"; there are transport, keepalive/],
]) {
  test(`an option of the wrong kind is refused: ${message.source}`, () => {
    const error = { name: 'TypeError', code, message }
    assert.throws(() => nativeWs(options), error)
    assert.throws(() => createWebSocketServer(http.createServer(), {}, undefined, options), error)
  })
}

for (const [name, value, warning] of [
  [
    'VITE_NATIVE_WS',
    'false',
    /VITE_NATIVE_WS must be "on" or "off"; it is "false", and is ignored/,
  ],
  ['VITE_NATIVE_WS_TRANSPORT', 'tls', /_TRANSPORT must be "auto" or "bridge"; it is "tls"/],
  ['VITE_NATIVE_WS', 'on'],
  ['VITE_NATIVE_WS_TRANSPORT', ''],
]) {
  test(`the environment says ${name}=${value}: ${warning ? 'one' : 'no'} warning`, async (t) => {
    const before = process.env[name]
    process.env[name] = value
    t.after(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
    const { server, log } = await startVite(t, { plugins: [nativeWs()] })
    assert.equal(typeof server.ws.stats, 'function', 'our server is in use')
    const warnings = log.lines('warn')
    assert.equal(warnings.length, warning ? 1 : 0, warnings.join('\n'))
    if (warning) assert.match(warnings[0], warning)
  })
}

test('a payload that is no JSON throws what JSON.stringify throws', async (t) => {
  const { ws, port } = await serve(t)
  const client = await Client.connect(port)
  const circular = { type: 'custom', event: 'x' }
  circular.data = circular
  assert.throws(() => ws.send(circular), { name: 'TypeError', message: /circular structure/ })
  assert.throws(() => ws.send('x', 1n), { name: 'TypeError', message: /BigInt/ })
  const [peer] = ws.clients
  assert.throws(() => peer.send(circular), { name: 'TypeError', message: /circular structure/ })
  ws.send('x', { date: new Date(0), none: undefined, nan: Number.NaN })
  const bytes =
    '{"type":"custom","event":"x","data":{"date":"1970-01-01T00:00:00.000Z","nan":null}}'
  assert.equal(await client.text(), bytes)
})

test('without clients one error or reload is kept for the first to come', async (t) => {
  const { ws, port } = await serve(t)
  ws.send({ type: 'error', err: { message: 'first', stack: '' } })
  ws.send('lost')
  ws.send({ type: 'update', updates: [] })
  ws.send({ type: 'error', err: { message: 'last', stack: '' } })
  const first = await Client.connect(port)
  assert.equal((await first.next()).err.message, 'last')
  const second = await Client.connect(port)
  ws.send('next')
  assert.equal((await second.next()).event, 'next')
})
