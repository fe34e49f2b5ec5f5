// Order, exactly once and equality to the byte, over many messages both ways at once. The number
// of messages each way is VOLUME; a million takes some minutes.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Program } from '../support/program.mjs'
import { Endpoint } from './volume-endpoint.mjs'

const { WebSocketServer } = createRequire(import.meta.url)('../../lib/ws/index.js')
const CLIENT = new URL('volume-client.mjs', import.meta.url)
const count = Number(process.env.VOLUME ?? 20_000)
const MIB = 1024 * 1024
const timeout = 60_000 + count * 5
const [DOWN, UP] = [1, 2]

for (const transport of ['adopted', 'bridged']) {
  const name = `${count} messages each way arrive once, in order and unchanged (${transport})`
  test(name, { timeout }, async (t) => {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      transport: transport === 'bridged' ? 'bridge' : 'auto',
    })
    t.after(() => server.close())
    await once(server, 'listening')
    const url = `ws://127.0.0.1:${server.address().port}`
    const connection = once(server, 'connection')
    const client = await Program.start(t, CLIENT, { url, count, sends: UP, expects: DOWN })
    const [socket] = await connection
    assert.equal(socket._connection.transport, transport)

    const started = performance.now()
    const end = new Endpoint(socket, { count, sends: DOWN, expects: UP })
    const closed = once(socket, 'close')
    const reported = client.ask('run', {}, timeout)
    await Promise.all([end.run(), closed, reported])
    const seconds = (performance.now() - started) / 1000
    const report = await reported

    assert.deepEqual(
      { ...end.report, receivedBytes: 0 },
      { received: count, receivedBytes: 0, wrong: [] },
    )
    assert.deepEqual(
      { ...report, receivedBytes: 0 },
      { received: count, receivedBytes: 0, wrong: [] },
    )
    assert.equal((await closed)[0], 1000)
    const bytes = end.report.receivedBytes + report.receivedBytes
    t.diagnostic(
      `${2 * count} messages, ${Math.round(bytes / MIB)} MiB in ${seconds.toFixed(1)} s: ` +
        `${Math.round((2 * count) / seconds)} messages/s, ${Math.round(bytes / MIB / seconds)} MiB/s, ` +
        `${Math.round(process.memoryUsage().rss / MIB)} MiB resident`,
    )
  })
}
