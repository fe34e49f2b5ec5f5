// A client that reads nothing for a while, on each road. Nothing but TCP tells that it has not vanished:
// its system takes what it is sent, and pings wait behind that.
import assert from 'node:assert/strict'
import http from 'node:http'
import https from 'node:https'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import tls from 'node:tls'
import { selfSigned } from '../support/certificate.mjs'
import { dial, RawClient, REQUEST } from '../support/raw-client.mjs'
import { serve, TRANSPORTS } from '../support/server.mjs'

const KEEPALIVE_MS = 500
const PERIODS = 5
/** More than a client that is paused reads, less than the server's system takes at once. */
const BYTES = 300_000

const ROADS = [
  ...TRANSPORTS.map((road) => ({ ...road, name: road.counted })),
  { name: 'https', counted: 'bridged', isSecure: true },
]
const skip = process.platform !== 'linux' && 'only Linux is asked what TCP knows'

for (const { name, transport = 'auto', counted, isSecure } of ROADS) {
  test(`a client that is paused is kept, and gets what waits (${name})`, { skip }, async (t) => {
    const certificate = isSecure ? await selfSigned() : undefined
    const server = certificate ? https.createServer(certificate) : http.createServer()
    const { ws, port } = await serve(t, { server, options: { transport, keepalive: KEEPALIVE_MS } })
    const joined = new Promise((resolve) => ws.on('connection', resolve))
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false }
    const client = new RawClient(certificate ? tls.connect(options) : dial(port))
    t.after(() => client.socket.destroy())
    client.write(REQUEST)
    assert.equal((await client.next()).type, 'connected')
    await joined
    assert.equal(ws.stats()[counted], 1)

    client.socket.pause()
    ws.send('big', 'x'.repeat(BYTES))
    // The point is the time: longer than would end a frozen client twice.
    await delay(PERIODS * KEEPALIVE_MS)
    assert.deepEqual([ws.stats().keepaliveTimeouts, ws.clients.size], [0, 1])
    client.socket.resume()
    assert.equal((await client.next()).data.length, BYTES)
  })
}
