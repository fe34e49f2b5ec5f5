// Order, exactly once and equality to the byte, over many messages both ways at once. The number
// of messages each way is VOLUME; a million takes some minutes.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { selfSigned } from '../support/certificate.mjs'
import { listen } from '../support/port.mjs'
import { Program } from '../support/program.mjs'
import { Endpoint } from './volume-endpoint.mjs'

const { WebSocketServer } = createRequire(import.meta.url)('../../lib/ws/index.js')
const CLIENT = new URL('volume-client.mjs', import.meta.url)
const count = Number(process.env.VOLUME ?? 20_000)
const MIB = 1024 * 1024
const timeout = 60_000 + count * 5
const [DOWN, UP] = [1, 2]

for (const { transport, secure } of [
  { transport: 'adopted', secure: false },
  { transport: 'bridged', secure: false },
  { transport: 'bridged', secure: true },
]) {
  const road = `${transport}, ${secure ? 'wss' : 'ws'}`
  const name = `${count} messages each way arrive once, in order and unchanged (${road})`
  test(name, { timeout }, async (t) => {
    const http = secure ? createSecureServer(await selfSigned()) : createServer()
    t.after(() => http.close())
    const port = await listen(http)
    const server = new WebSocketServer({
      server: http,
      transport: transport === 'bridged' ? 'bridge' : 'auto',
    })
    t.after(() => server.close())
    const url = `${secure ? 'wss' : 'ws'}://127.0.0.1:${port}`
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
