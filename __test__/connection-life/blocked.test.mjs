import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../support/deadline.mjs'
import { median, ms, now } from '../support/figures.mjs'
import { closePayload, OPCODE } from '../support/frame.mjs'
import { RawClient } from '../support/raw-client.mjs'
import { startDevServer, TRANSPORTS, VITE } from './servers.mjs'

const BLOCKED_MS = 3000
const PINGS = 20
const PING_EVERY_MS = 50
const PONG_MS = 50
const CLIENTS = 1000
const CONNECTED_AT_ONCE = 100

// On the bridge JavaScript itself carries the bytes, so only adopted sockets are held to this.
const ADOPTED = 'adopted; on the bridge JavaScript carries the bytes'

test(`pings are answered while JavaScript is blocked (${ADOPTED})`, async (t) => {
  const { times, during } = await measurePongs(t, 'adopted')
  t.diagnostic(`pong after ${ms(median(times))} in the median, ${ms(Math.max(...times))} at most`)
  assert.equal(during, PINGS, 'all of them during the block')
  assert.ok(median(times) < PONG_MS, `median ${ms(median(times))}`)

  for (const other of [...TRANSPORTS.filter((transport) => transport !== 'adopted'), VITE]) {
    const { times, during } = await measurePongs(t, other)
    const late = ms(Math.max(...times))
    t.diagnostic(
      `for comparison, ${other}: ${late} at most, ${during} of ${PINGS} during the block`,
    )
  }
})

test(`a close is answered while JavaScript is blocked (${ADOPTED})`, async (t) => {
  const { server } = await startDevServer(t, 'adopted')
  const client = await RawClient.connect(t, server.about.port)
  const block = blocked(server)
  await client.next()
  const started = now()
  client.send({ opcode: OPCODE.close, payload: closePayload(4000, 'bye') })
  const frame = await client.nextControl()
  await until(() => client.socket.readableEnded, 'the end of the stream')
  const ended = now()
  const { from, to } = await block
  assert.equal(frame.opcode, OPCODE.close)
  assert.equal(frame.payload.readUInt16BE(0), 4000)
  t.diagnostic(`close frame and end of the stream after ${ms(ended - started)}`)
  assert.ok(from < started && ended < to, 'during the block')
  await until(async () => (await server.ask('stats')).clients === 0, 'the client to be gone')
})

test(`a broadcast right before a block reaches ${CLIENTS} clients (${ADOPTED})`, async (t) => {
  const { server } = await startDevServer(t, 'adopted')
  const clients = []
  while (clients.length < CLIENTS) {
    const group = Array.from({ length: CONNECTED_AT_ONCE }, () =>
      RawClient.connect(t, server.about.port),
    )
    clients.push(...(await Promise.all(group)))
  }
  assert.equal((await server.ask('stats')).adopted, CLIENTS)
  const block = blocked(server)
  const arrivals = await Promise.all(
    clients.map(async (client) => {
      const { event } = await client.next()
      assert.equal(event, 'before')
      return now()
    }),
  )
  const { from, to } = await block
  const last = Math.max(...arrivals)
  t.diagnostic(`the last of ${CLIENTS} had it ${ms(last - from)} after the block began`)
  assert.ok(last < to, `${ms(last - to)} after the block`)
})

test('what was sent before a block arrives during it (bridged, as with Vite)', async (t) => {
  for (const carrier of ['bridged', VITE]) {
    const { server } = await startDevServer(t, carrier)
    const clients = await Promise.all(
      Array.from({ length: 10 }, () => RawClient.connect(t, server.about.port)),
    )
    const block = blocked(server)
    const arrivals = clients.map(async (client) => {
      assert.equal((await client.next()).event, 'before')
      return now()
    })
    const last = Math.max(...(await Promise.all(arrivals)))
    const { from, to } = await block
    t.diagnostic(`${carrier}: the last of 10 had it ${ms(last - from)} after the block began`)
    assert.ok(last < to, `${carrier}: ${ms(last - to)} after the block`)
  }
})

const PERIOD_MS = 300

for (const transport of TRANSPORTS) {
  test(`a block of ten keepalive periods loses no client (${transport})`, async (t) => {
    const { server } = await startDevServer(t, transport, { options: { keepalive: PERIOD_MS } })
    const clients = await Promise.all(
      Array.from({ length: 5 }, () => RawClient.connect(t, server.about.port)),
    )
    await delay(2 * PERIOD_MS)
    await blocked(server)
    // Whoever is dropped is dropped within two periods.
    await delay(3 * PERIOD_MS)
    const { clients: left, keepaliveTimeouts } = await server.ask('stats')
    assert.deepEqual([left, keepaliveTimeouts], [clients.length, 0])
  })

  test(`a peer that vanished is dropped in time, a block before or not (${transport})`, async (t) => {
    const { server } = await startDevServer(t, transport, { options: { keepalive: PERIOD_MS } })
    const alive = await RawClient.connect(t, server.about.port)
    const gone = await RawClient.connect(t, server.about.port)
    // It answers nothing, and nobody says that it has ended.
    gone.receive = () => {}
    await blocked(server)
    const from = now()
    await until(async () => (await server.ask('stats')).clients === 1, 'the peer to be dropped')
    t.diagnostic(`after ${ms(now() - from)}`)
    assert.equal((await server.ask('stats')).keepaliveTimeouts, 1)
    assert.equal(alive.socket.destroyed, false)
  })
}

/** The times of the block, by the clock that all processes share. */
function blocked(server) {
  return server.ask('block', { milliseconds: BLOCKED_MS })
}

/** How long each of some pings took that were sent while JavaScript was blocked. */
async function measurePongs(t, carrier) {
  const { server } = await startDevServer(t, carrier)
  const client = await RawClient.connect(t, server.about.port)
  const block = blocked(server)
  // Where the broadcast itself has to wait for the block to end, it cannot say when it begins.
  if (carrier === 'adopted') await client.next()
  else await delay(PING_EVERY_MS)
  const sent = []
  for (let number = 0; number < PINGS; number++) {
    sent.push(now())
    client.send({ opcode: OPCODE.ping, payload: String(number) })
    await delay(PING_EVERY_MS)
  }
  const times = []
  let during = 0
  const ends = []
  for (let number = 0; number < PINGS; number++) {
    const { opcode, payload, at } = await client.nextControl()
    assert.equal(opcode, OPCODE.pong)
    assert.equal(String(payload), String(number))
    times.push(at - sent[number])
    ends.push(at)
  }
  const { from, to } = await block
  for (const [number, end] of ends.entries()) during += Number(from < sent[number] && end < to)
  server.kill('SIGKILL')
  return { times, during }
}
