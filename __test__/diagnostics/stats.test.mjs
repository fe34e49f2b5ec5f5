import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import WebSocket from 'ws'
import { Client } from '../support/client.mjs'
import { until } from '../support/deadline.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { rawAnswer } from '../support/raw-socket.mjs'
import { serve, TRANSPORTS } from '../support/server.mjs'

const TOKEN = 'a-token-of-this-test'
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0'

/** Bytes of a text frame from the server, and of one from a client, which is masked. */
const unmasked = (text) => 2 + Buffer.byteLength(text)
const masked = (text) => 6 + Buffer.byteLength(text)
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)

for (const { transport, counted } of TRANSPORTS) {
  test(`the counters reconcile with a scripted session (${transport})`, async (t) => {
    const { ws, port } = await serve(t, {
      config: { webSocketToken: TOKEN, server: { allowedHosts: ['dev.example'] } },
      options: { transport, maxClients: 2, keepalive: 0 },
    })
    ws.on('hello', (data, client) => client.send('reply', data))
    const before = Date.now()
    const first = await Client.connect(port, '/', { headers: { 'User-Agent': AGENT } })
    const second = await Client.connect(port)

    const toAll = ['one', 'two', 'three'].map((data) => ({ type: 'custom', event: 'all', data }))
    for (const payload of toAll) ws.send(payload)
    const hello = JSON.stringify({ type: 'custom', event: 'hello', data: 1 })
    const unheard = JSON.stringify({ type: 'custom', event: 'unheard', data: 2 })
    first.socket.send(hello.slice(0, 10), { fin: false })
    first.socket.send(hello.slice(10))
    first.socket.send(unheard)
    second.socket.ping('p')
    for (const payload of toAll) assert.deepEqual(await first.next(), payload)
    const reply = await first.text()
    for (const payload of toAll) assert.deepEqual(await second.next(), payload)

    const refused = [
      [{ Host: 'evil.example' }, '/'],
      [{ Origin: 'http://evil.example' }, '/'],
      [{ Origin: 'http://localhost' }, '/?token=wrong'],
      [{ 'Sec-WebSocket-Key': 'short' }, '/'],
      [{}, '/'],
    ]
    for (const [headers, path] of refused) await rawAnswer(port, upgradeRequest({ headers, path }))

    const connected = '{"type":"connected"}'
    const broadcast = toAll.map((payload) => JSON.stringify(payload))
    const expected = {
      clients: 2,
      clientsTotal: 2,
      [counted]: 2,
      broadcasts: 3,
      messages: { in: 2, out: 2 + 2 * 3 + 1 },
      frames: { in: 3 + 1, out: 2 + 2 * 3 + 1 + 1 },
      bytes: {
        in: masked(hello) + 6 + masked(unheard) + masked('p'),
        out: 2 * sum([connected, ...broadcast].map(unmasked)) + unmasked(reply) + unmasked('p'),
      },
      droppedMessages: 0,
      overflows: 0,
      pings: 0,
      keepaliveTimeouts: 0,
      refusals: { handshake: 1, host: 1, token: 2, protocol: 0, full: 1, closed: 0, exhausted: 0 },
      closes: {},
      disconnects: {},
    }
    await settles(ws, expected)
    const stats = ws.stats()
    assert.deepEqual(JSON.parse(JSON.stringify(stats)), stats, 'it is a plain object')
    assert.match(stats.session, /^[0-9a-f-]{36}$/)
    assert.equal(stats.ioThreads > 0, transport === 'auto', 'a bridge needs no thread')
    assert.ok(stats.uptime >= 0 && stats.uptime <= Date.now() - before + 60_000)

    const [one, two] = stats.perClient
    assert.equal(stats.perClient.length, 2)
    assert.deepEqual(
      [one.address, one.userAgent, one.transport, one.queuedBytes, one.roundTrip],
      ['127.0.0.1', AGENT, counted, 0, null],
    )
    assert.ok(one.id < two.id)
    for (const { connectedSince, lastSeen } of [one, two]) {
      assert.ok(connectedSince >= before && connectedSince <= Date.now())
      assert.ok(lastSeen >= before - 5 && lastSeen <= Date.now() + 5)
    }
    assert.deepEqual(two.messages, { in: 0, out: 4 })
    for (const field of ['messages', 'frames', 'bytes']) {
      for (const way of ['in', 'out']) {
        assert.equal(one[field][way] + two[field][way], stats[field][way], `${field} ${way}`)
      }
    }

    first.socket.close(1001)
    second.socket.terminate()
    // The close frame of the first, and the answer to it.
    const { messages, frames, bytes } = expected
    await settles(ws, {
      clients: 0,
      clientsTotal: 2,
      closes: { 1001: 1, 1006: 1 },
      disconnects: { clientClosed: 1, connectionLost: 1 },
      messages,
      frames: { in: frames.in + 1, out: frames.out + 1 },
      bytes: { in: bytes.in + 6 + 2, out: bytes.out + 2 + 2 },
      perClient: [],
    })
  })

  test(`a keepalive ping is measured, and a client that does not answer is counted (${transport})`, async (t) => {
    const { ws, port } = await serve(t, { options: { transport, keepalive: 200 } })
    await Client.connect(port)
    await until(() => ws.stats().perClient[0].roundTrip !== null, 'a measured round trip')
    const { roundTrip } = ws.stats().perClient[0]
    assert.ok(roundTrip >= 0 && roundTrip < 20_000, `${roundTrip} ms`)
    const mute = new WebSocket(`ws://127.0.0.1:${port}`, 'vite-hmr', { autoPong: false })
    t.after(() => mute.terminate())
    mute.on('error', () => {})
    // It is counted where it is dropped; its end is heard of later.
    await until(() => ws.stats().keepaliveTimeouts === 1, 'the mute client to be dropped')
    assert.ok(ws.stats().pings >= 2)
    await settles(ws, { closes: { 1006: 1 } })
  })
}

test('a closed server counts on what it refuses', async (t) => {
  const { ws, port, close } = await serve(t)
  const client = await Client.connect(port)
  await close()
  await client.closed
  const { clients, closes } = ws.stats()
  assert.deepEqual([clients, closes], [0, { 1006: 1 }])
})

/** Threads count when they have written, which a client may notice before them. */
async function settles(ws, expected) {
  const read = () => {
    const stats = ws.stats()
    return Object.fromEntries(Object.keys(expected).map((name) => [name, stats[name]]))
  }
  await until(() => isDeepStrictEqual(read(), expected), 'the counters').catch(() => {})
  assert.deepEqual(read(), expected)
}
