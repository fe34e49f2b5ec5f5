import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test } from 'node:test'
import { Client } from '../support/client.mjs'
import { within } from '../support/deadline.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { freePort, listen } from '../support/port.mjs'
import { RawSocket, rawAnswer } from '../support/raw-socket.mjs'
import { entry, serve } from '../support/server.mjs'

const REFUSED =
  'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/html\r\n' +
  'Content-Length: 11\r\n\r\nBad Request'
const config = { webSocketToken: 'abcdefghijkl', server: { allowedHosts: ['.sub.test'] } }

test('only a path and subprotocol of Vite are claimed', async (t) => {
  const { port, server } = await serve(t, {
    config: { base: '/app/', server: { ws: { path: 'hot' } } },
  })
  server.on('upgrade', (request, socket) => {
    if (request.url !== '/app/hot') socket.end('HTTP/1.1 418 Theirs\r\n\r\n')
  })
  await Client.connect(port, '/app/hot')
  const theirs = await rawAnswer(port, upgradeRequest({ path: '/app/' }))
  assert.match(theirs, /^HTTP\/1.1 418/)
})

test('what is not ours stays open and unanswered', async (t) => {
  const { port, server } = await serve(t)
  // Node reads nothing from a socket that nobody claims, so nobody but us would end it.
  const unclaimed = once(server, 'upgrade')
  const { socket } = new RawSocket(port)
  socket.write(upgradeRequest({ headers: { 'Sec-WebSocket-Protocol': 'other' } }))
  const first = Promise.race([once(socket, 'data'), once(socket, 'close')])
  await assert.rejects(within(first, 'an answer', 300), /not within/)
  assert.equal(socket.readyState, 'open')
  const [, theirSide] = await unclaimed
  theirSide.destroy()
})

for (const [name, headers, path] of [
  ['a foreign host', { Host: 'evil.test' }],
  [
    'a foreign host with the right token',
    { Host: 'evil.test', Origin: 'http://evil.test' },
    '/?token=abcdefghijkl',
  ],
  ['an origin without a token', { Origin: 'http://localhost' }],
  ['an origin with a wrong token', { Origin: 'http://localhost' }, '/?token=abcdefghijkX'],
  ['an origin with a short token', { Origin: 'http://localhost' }, '/?token=abc'],
  ['the first of two tokens being wrong', { Origin: 'http://x' }, '/?token=bad&token=abcdefghijkl'],
  ['the origin "null" without a token', { Origin: 'null' }],
  ['a host that only looks local', { Host: 'localhost.evil.test' }],
  ['an unfinished IPv6 host', { Host: '[::1' }],
]) {
  test(`refused as Vite refuses: ${name}`, async (t) => {
    const { port, ws } = await serve(t, { config })
    assert.equal(await rawAnswer(port, upgradeRequest({ headers, path })), REFUSED)
    assert.equal(ws.clients.size, 0)
  })
}

for (const [name, options, path] of [
  ['no origin and no token', {}],
  ['an origin with the token', { origin: 'http://localhost' }, '/?token=abcdefghijkl'],
  ['an address', { headers: { Host: '[::1]:80' } }],
  ['a name below localhost', { headers: { Host: 'a.localhost:1' } }],
  ['an allowed host', { headers: { Host: 'a.sub.test' } }],
]) {
  test(`let in as Vite lets in: ${name}`, async (t) => {
    const { port } = await serve(t, { config })
    await Client.connect(port, path, options)
  })
}

test('malformed handshakes get the refusals of ws', async (t) => {
  const { port } = await serve(t)
  const status = async (headers, request) => {
    const answer = await rawAnswer(port, upgradeRequest({ headers, ...request }))
    return [answer.split('\r\n', 1)[0], answer.split('\r\n\r\n')[1]]
  }
  assert.deepEqual(await status({}, { method: 'POST' }), [
    'HTTP/1.1 405 Method Not Allowed',
    'Invalid HTTP method',
  ])
  assert.deepEqual(await status({ 'Sec-WebSocket-Key': 'short' }), [
    'HTTP/1.1 400 Bad Request',
    'Missing or invalid Sec-WebSocket-Key header',
  ])
  const versions = await rawAnswer(
    port,
    upgradeRequest({ headers: { 'Sec-WebSocket-Version': '7' } }),
  )
  assert.match(versions, /\r\nSec-WebSocket-Version: 13, 8\r\n/)
})

test('a ping is opened and closed from anywhere, and is no client', async (t) => {
  const { ws, port } = await serve(t, { config })
  let connections = 0
  ws.on('connection', () => connections++)
  const ping = new Client(`ws://127.0.0.1:${port}`, {
    protocol: 'vite-ping',
    headers: { Host: 'evil.test' },
  })
  assert.deepEqual(await within(ping.closed, 'the close'), { code: 1000, reason: '' })
  assert.deepEqual(ping.unread, [])
  assert.equal(connections, 0)
  assert.deepEqual([ws.stats().clients, ws.stats().adopted], [0, 0])
})

test('a headers listener adds to the 101', async (t) => {
  const { ws, port } = await serve(t)
  ws.on('headers', (lines, request) => lines.push(`X-Path: ${request.url}`))
  const client = new Client(`ws://127.0.0.1:${port}/`)
  const [response] = await once(client.socket, 'upgrade')
  assert.equal(response.headers['x-path'], '/')
  assert.equal(response.headers['sec-websocket-extensions'], undefined)
})

test('two servers on one HTTP server answer a request once', async (t) => {
  const { ws, server, port } = await serve(t)
  const second = entry.createWebSocketServer(server, {})
  await Client.connect(port)
  assert.equal(ws.clients.size + second.clients.size, 1)
  await second.close()
})

test('a port of its own upgrades every path and answers others with 426', async () => {
  const port = await freePort()
  const main = http.createServer()
  const ws = entry.createWebSocketServer(main, { server: { ws: { port } } })
  ws.listen()
  const body = await within(
    new Promise((resolve, reject) => {
      const ask = () => http.get({ port }, resolve).on('error', () => setTimeout(ask, 10))
      ask()
      setTimeout(reject, 5000, new Error('no answer')).unref()
    }),
    'the answer',
  )
  assert.equal(body.statusCode, 426)
  assert.equal(body.headers['content-type'], 'text/plain')
  body.resume()
  const client = new Client(`ws://127.0.0.1:${port}/any/path`, { protocol: 'any' })
  assert.deepEqual(await client.next(), { type: 'connected' })
  const ping = new Client(`ws://127.0.0.1:${port}`, { protocol: 'vite-ping' })
  const { code } = await within(ping.closed, 'the refused ping')
  assert.equal(code, 1006, 'the main server does not listen yet')
  await within(ws.close(), 'closing')
  assert.equal(main.listenerCount('upgrade'), 0)
})

test('the server of the options is used and left open', async (t) => {
  const own = http.createServer()
  const port = await listen(own)
  t.after(() => own.close())
  const ws = entry.createWebSocketServer(http.createServer(), { server: { ws: { server: own } } })
  await Client.connect(port)
  await ws.close()
  assert.equal(own.listenerCount('upgrade'), 0)
  assert.ok(own.listening)
})

test('no warning has the query of an upgrade in it', async (t) => {
  const warnings = []
  const server = http.createServer()
  server.on('upgrade', function theirs(_, socket) {
    socket.end('HTTP/1.1 418 Theirs\r\n\r\n')
  })
  const logger = { warn: (text) => warnings.push(text), error: (text) => warnings.push(text) }
  const ws = entry.createWebSocketServer(server, { ...config, logger })
  t.after(() => ws.close())
  const port = await listen(server)
  t.after(() => server.close())
  for (const path of ['/?token=abcdefghijkl', '/?a=1&token=abcdefghijkl#x']) {
    await rawAnswer(port, upgradeRequest({ path }))
  }
  assert.equal(warnings.length, 1)
  assert.match(warnings[0], /theirs.* has already answered the request for \/,/)
  assert.doesNotMatch(warnings[0], /token=|abcdefghijkl/)
})

test('servers that share an HTTP server leave it one listener while it does not listen', async (t) => {
  const server = http.createServer()
  const before = server.listenerCount('listening')
  for (let round = 0; round < 12; round++) {
    const ws = entry.createWebSocketServer(server, config)
    await ws.close()
  }
  assert.ok(server.listenerCount('listening') <= before + 1)
  const ws = entry.createWebSocketServer(server, config)
  t.after(() => ws.close())
  const port = await listen(server)
  t.after(() => server.close())
  assert.equal(server.listenerCount('listening'), before)
  await Client.connect(port, '/?token=abcdefghijkl')
})
