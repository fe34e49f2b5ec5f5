import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { median, mib, ms } from '../support/figures.mjs'
import { RawClient } from '../support/raw-client.mjs'
import { startDevServer, startFlooder, TRANSPORTS, VITE } from './servers.mjs'

const MIB = 1024 * 1024
const CLIENTS = 100
/** Chunks of 64 KiB that each client has under way; without end, Vite's server would not return. */
const UNDER_WAY = 4
const FLOOD_MS = 5000
const DELAY_MS = 20
const GROWTH_BYTES = 128 * MIB
const ROUND_TRIP_MS = 1000
const ROUND_TRIPS = 10

const LOADS = {
  junk: 'junk and events that nobody hears',
  escapes: 'escapes that only JSON.parse reads',
}

// The delay is that of JavaScript, which on the bridge carries the bytes and cannot but be busy.
for (const [load, what] of Object.entries(LOADS)) {
  test(`${CLIENTS} clients that flood ${what} do not delay JavaScript (adopted)`, async (t) => {
    const figures = {}
    for (const carrier of [...TRANSPORTS, VITE]) {
      figures[carrier] = await flood(t, carrier, load)
      t.diagnostic(`${carrier}: ${describe(figures[carrier])}`)
    }
    const { adopted } = figures
    assert.ok(adopted.delays.p99 < DELAY_MS, `p99 ${ms(adopted.delays.p99)}`)
    for (const transport of TRANSPORTS) {
      const { taken, growth } = figures[transport]
      assert.equal(taken.left, CLIENTS, `all are still connected (${transport})`)
      assert.ok(growth < GROWTH_BYTES, `RSS ${mib(growth)} (${transport})`)
    }
  })
}

for (const cost of [0, 0.1]) {
  for (const transport of TRANSPORTS) {
    const name = `a flood of wanted events at ${cost} ms each starves no other client (${transport})`
    test(name, async (t) => {
      const times = await roundTripsBesideFlood(t, transport, cost)
      assert.ok(median(times) < ROUND_TRIP_MS, ms(median(times)))
    })
  }

  test(`for comparison: the round trip beside such a flood (${VITE}, ${cost} ms each)`, async (t) => {
    await roundTripsBesideFlood(t, VITE, cost)
  })
}

/** What a flood of some seconds does to a server. */
async function flood(t, carrier, load) {
  const floods = { clients: CLIENTS, underWay: UNDER_WAY, load }
  const { server, flooder } = await start(t, carrier, floods)
  const before = await server.ask('memory')
  await server.ask('watchDelays')
  await flooder.ask('start')
  // The point is the time.
  await delay(FLOOD_MS)
  const taken = await flooder.ask('stop')
  const delays = await server.ask('delays')
  const growth = server.memory('VmHWM') - before
  await Promise.all([server.end(), flooder.end()])
  return { delays, growth, taken }
}

/** The round trips of one client, in milliseconds, while another sends what a listener wants. */
async function roundTripsBesideFlood(t, carrier, cost) {
  const { server, flooder } = await start(t, carrier, { clients: 1, load: 'wanted' })
  await server.ask('hear', { event: 'wanted', milliseconds: cost })
  const other = await RawClient.connect(t, server.about.port)
  await flooder.ask('start')
  while ((await server.ask('heard')) === 0);
  const times = []
  for (let number = 0; number < ROUND_TRIPS; number++) times.push(await other.roundTrip(number))
  const heard = await server.ask('heard')
  const [middle, most] = [median(times), Math.max(...times)].map(ms)
  t.diagnostic(`round trip ${middle} in the median, ${most} at most, beside ${heard} events`)
  return times
}

async function start(t, carrier, load) {
  const { server } = await startDevServer(t, carrier)
  const flooder = await startFlooder(t, server.about.port, load)
  return { server, flooder }
}

function describe({ delays, growth, taken }) {
  const [p50, p99, max] = [delays.p50, delays.p99, delays.max].map(ms)
  return (
    `event-loop delay p50 ${p50}, p99 ${p99}, max ${max}; RSS at most ${mib(growth)} more; ` +
    `${taken.messages} messages (${mib(taken.bytes)}) taken`
  )
}
