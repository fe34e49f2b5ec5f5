import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mib } from '../support/figures.mjs'
import { RawClient } from '../support/raw-client.mjs'
import { startDevServer, TRANSPORTS, VITE } from './servers.mjs'

const MIB = 1024 * 1024
const MESSAGES = 256
/** Broadcasts between two waits for the healthy client, which is to be slower than nobody. */
const PACE = 8
const GROWTH_BYTES = 32 * MIB
/** What a server at least holds that keeps everything for the stalled client. */
const UNBOUNDED_BYTES = 128 * MIB

for (const transport of TRANSPORTS) {
  test(`a client that stops reading costs less than ${mib(GROWTH_BYTES)} (${transport})`, async (t) => {
    const { server, healthy, stalled, growth, buffered } = await broadcastPast(t, transport)
    t.diagnostic(`RSS grew by ${mib(growth)}; bufferedAmount ${mib(buffered)} while stalled`)
    assert.ok(growth < GROWTH_BYTES, mib(growth))
    assert.ok(buffered > 0, 'its bufferedAmount tells')
    assert.ok(buffered <= 8 * MIB + 1024, 'and is bounded by the high-water mark')

    stalled.socket.resume()
    const numbers = (await messagesBefore(stalled, 'full-reload')).map(({ data }) => data.number)
    assert.deepEqual(numbers, [...numbers.keys()], 'what it had been sent before, in order')
    assert.ok(numbers.length < MESSAGES)
    await server.ask('broadcast', { event: 'after', from: 0, to: 1, bytes: 1 })
    const between = (await messagesBefore(stalled, 'after')).map(
      ({ data, type }) => data?.number ?? type,
    )
    assert.deepEqual(between, [], 'one full-reload, then messages again')
    assert.equal((await healthy.next()).event, 'after', 'the healthy one is not told to reload')

    const { droppedMessages } = await server.ask('stats')
    assert.equal(droppedMessages + numbers.length, MESSAGES, 'every drop is counted')
    const faults = await server.ask('faults')
    assert.equal(faults.length, 1, faults.join('\n'))
    assert.match(faults[0], /does not read/)
    t.diagnostic(`when it woke it got ${numbers.length} messages and one full-reload`)
  })
}

test('for comparison: Vite keeps everything for a client that stops reading', async (t) => {
  const { growth, buffered } = await broadcastPast(t, VITE)
  t.diagnostic(`RSS grew by ${mib(growth)}; bufferedAmount ${mib(buffered)} while stalled`)
  assert.ok(growth > UNBOUNDED_BYTES, 'otherwise this load proves nothing about ours')
})

/** Broadcasts to one client that reads and one that does not. */
async function broadcastPast(t, carrier) {
  const { server } = await startDevServer(t, carrier)
  const healthy = await RawClient.connect(t, server.about.port)
  const stalled = await RawClient.connect(t, server.about.port)
  stalled.socket.pause()
  const before = await server.ask('memory')
  for (let from = 0; from < MESSAGES; from += PACE) {
    await server.ask('broadcast', { event: 'big', from, to: from + PACE, bytes: MIB })
    for (let number = from; number < from + PACE; number++) {
      const message = await healthy.next()
      assert.equal(message.data?.number, number, 'the healthy client gets all, in order')
    }
  }
  const growth = (await server.ask('memory')) - before
  const buffered = await server.ask('bufferedAmount', { port: stalled.localPort })
  return { server, healthy, stalled, growth, buffered }
}

/** What comes before a message of this type, or with this event. */
async function messagesBefore(client, name) {
  const before = []
  for (;;) {
    const message = await client.next()
    if (message.type === name || message.event === name) return before
    before.push(message)
  }
}
