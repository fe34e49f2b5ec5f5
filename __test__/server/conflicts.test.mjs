// Other listeners on the HTTP server: those that only look on, and those that answer what is ours.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test } from 'node:test'
import { WebSocketServer } from 'ws'
import nativeWs from '../../lib/index.mjs'
import { Client } from '../support/client.mjs'
import { until, within } from '../support/deadline.mjs'
import { startVite } from '../support/dev-server.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { RawSocket } from '../support/raw-socket.mjs'
import { entry, serve, TRANSPORTS } from '../support/server.mjs'

const TEAPOT = 'HTTP/1.1 418 Theirs\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

function serveWithLog(t, options) {
  const warnings = []
  const config = { logger: { warn: (text) => warnings.push(text) } }
  return serve(t, { config, options }).then((served) => ({ ...served, warnings }))
}

for (const { transport, counted } of TRANSPORTS) {
  test(`listeners of data on every connection are no claim (${counted})`, async (t) => {
    const { server, ws, port, warnings } = await serveWithLog(t, { transport })
    let bytes = 0
    server.on('connection', (socket) => {
      socket.on('data', (chunk) => {
        bytes += chunk.length
      })
    })
    ws.on('ask', (data, client) => client.send('answer', data))
    const client = await Client.connect(port)
    client.emit('ask', 1)
    assert.equal((await client.find('answer')).data, 1)
    assert.ok(bytes > 0)
    assert.deepEqual(warnings, [])
  })

  test(`a connection that was used before may be upgraded (${counted})`, async (t) => {
    const { server, ws, port, warnings } = await serveWithLog(t, { transport })
    server.on('request', (_, response) => response.end('ok'))
    server.on('connection', (socket) => socket.on('data', () => {}))
    const raw = new RawSocket(port)
    t.after(() => raw.socket.destroy())
    await raw.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await until(() => raw.bytes.includes('ok'), 'the answer')
    await raw.write(upgradeRequest())
    await until(() => raw.bytes.includes('{"type":"connected"}'), 'the welcome')
    assert.equal(ws.clients.size, 1)
    assert.deepEqual(warnings, [])
  })

  test(`one that goes by what Node has written sees our answer (${counted})`, async (t) => {
    const { server, port, warnings } = await serveWithLog(t, { transport })
    const written = new Promise((resolve) => {
      // As engine.io, which ends sockets that nobody has written to.
      server.on('upgrade', (_request, socket) => resolve(socket.bytesWritten))
    })
    await Client.connect(port)
    assert.ok((await written) > 0)
    assert.deepEqual(warnings, [])
  })
}

test('an unclaimed upgrade gets its 404 although somebody listens to every connection', async (t) => {
  const { server, port } = await serveWithLog(t, { unclaimedTimeout: 50 })
  server.on('connection', (socket) => socket.on('data', () => {}))
  const raw = new RawSocket(port)
  await raw.write(upgradeRequest({ path: '/nobody' }))
  assert.match(await raw.answer(), /^HTTP\/1\.1 404 /)
})

/** Listeners that take every upgrade, whoever it is for. */
const GREEDY = {
  'answers and destroys': (_, socket) => {
    socket.write(TEAPOT)
    socket.destroy()
  },
  'answers and ends': (_, socket) => socket.end(TEAPOT, () => socket.destroy()),
  destroys: (_, socket) => socket.destroy(),
  'listens to the data': (_, socket) => socket.on('data', () => socket.destroy()),
}

for (const [what, listener] of Object.entries(GREEDY)) {
  for (const order of ['added before', 'prepended after']) {
    test(`a listener that ${what} is named, once, ${order} ours`, async (t) => {
      const warnings = []
      const server = http.createServer()
      if (order === 'added before') server.on('upgrade', (...args) => listener(...args))
      const config = { logger: { warn: (text) => warnings.push(text) } }
      const { ws, port } = await serve(t, { server, config })
      if (order === 'prepended after') {
        server.prependListener('upgrade', (...args) => listener(...args))
        await new Promise((resolve) => setImmediate(resolve))
      }
      server.on('upgrade', function laterListener() {})
      for (let round = 1; round <= 2; round++) {
        const raw = new RawSocket(port)
        const heard = once(server, 'upgrade')
        await raw.write(upgradeRequest({ path: '/?token=secret' }))
        await within(heard, 'the upgrade')
        await until(() => warnings.length > 0, 'the warning')
        await raw.write('over')
      }
      assert.equal(warnings.length, 1)
      assert.deepEqual(ws.stats().conflicts, { taken: 2, broken: 0 })
      assert.match(warnings[0], /another "upgrade" listener .* has already answered .* for \//)
      assert.match(warnings[0], /\(\(\.\.\.args\) => listener\(\.\.\.args\)\)/)
      assert.match(warnings[0], /'vite-hmr' or 'vite-ping'/)
      assert.doesNotMatch(warnings[0], /secret|laterListener|lookFirst/)
    })
  }
}

/** What later listeners do, at once or once they have asked somebody. */
const LATE = {
  'opens a WebSocket of ws': () => {
    const theirs = new WebSocketServer({ noServer: true })
    return (...args) => theirs.handleUpgrade(...args, (socket) => socket.send('theirs'))
  },
  refuses: () => (_, socket) => socket.end(TEAPOT),
  'refuses with bytes': () => (_, socket) => {
    socket.write(Buffer.from(TEAPOT))
    socket.destroy()
  },
}

for (const { transport, counted } of TRANSPORTS) {
  for (const [what, make] of Object.entries(LATE)) {
    for (const delay of [false, true]) {
      const when = delay ? 'a moment later' : 'at once'
      test(`a later listener that ${what} ${when} is named, once (${counted})`, async (t) => {
        const { server, ws, port, warnings } = await serveWithLog(t, { transport })
        const answer = make()
        server.on('upgrade', (...args) =>
          delay ? setTimeout(answer, 5, ...args) : answer(...args),
        )
        for (let round = 0; round < 2; round++) {
          const client = new Client(`ws://127.0.0.1:${port}/?token=secret`)
          await until(() => ws.stats().conflicts.broken === round + 1, 'the conflict')
          client.socket.terminate()
        }
        assert.equal(warnings.length, 1)
        assert.deepEqual(ws.stats().conflicts, { taken: 0, broken: 2 })
        assert.match(warnings[0], /another "upgrade" listener .* answered the request for \/ too/)
        assert.match(warnings[0], /of [^ )]*conflicts\.test\.mjs:\d+\)/)
        assert.match(warnings[0], /'vite-hmr' or 'vite-ping'/)
        assert.doesNotMatch(warnings[0], /secret/)
      })
    }
  }
}

test('a later listener on the server of Vite is named', async (t) => {
  const warnings = []
  const theirs = new WebSocketServer({ noServer: true })
  const { server } = await startVite(t, {
    customLogger: { ...console, warn: (text) => warnings.push(text), info() {}, error() {} },
    plugins: [
      nativeWs(),
      {
        name: 'route',
        configureServer({ httpServer }) {
          httpServer.on('upgrade', (...args) => theirs.handleUpgrade(...args, () => {}))
        },
      },
    ],
  })
  const client = new Client(`ws://127.0.0.1:${server.httpServer.address().port}`)
  t.after(() => client.socket.terminate())
  await until(() => warnings.some((text) => text.includes('answered the request')), 'the warning')
})

test('nothing of ours is left on an HTTP server, however many servers it had', async () => {
  const server = http.createServer()
  const count = () => ['upgrade', 'newListener'].map((event) => server.listenerCount(event))
  const [first, second] = [1, 2].map(() => entry.createWebSocketServer(server, {}))
  assert.deepEqual(count(), [2, 1])
  await first.close()
  assert.deepEqual(count(), [1, 1])
  await second.close()
  assert.deepEqual(count(), [0, 0])
})
