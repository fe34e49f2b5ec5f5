// Connections of all kinds in a process of its own, for what is logged of them to stderr.
import { Client } from '../support/client.mjs'
import { until } from '../support/deadline.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { dial, RawClient, REQUEST } from '../support/raw-client.mjs'
import { rawAnswer } from '../support/raw-socket.mjs'
import { serve } from '../support/server.mjs'

const config = { webSocketToken: 'the-secret', logger: { warn() {}, error() {} } }
const options = { keepalive: 2000, highWaterMark: 200_000, lowWaterMark: 1000 }
const { ws, port, close } = await serve(undefined, { config, options })

const headers = { 'User-Agent': 'Mozilla/5.0 Gecko/20100101 Firefox/151.0' }
const path = '/?token=the-secret'
const client = await Client.connect(port, path, { headers, origin: 'http://127.0.0.1' })
ws.send({ type: 'update', updates: [{ path: '/src/main.js' }] })
await client.text()
const wrong = { Origin: 'http://evil.example', ...headers }
await rawAnswer(port, upgradeRequest({ headers: wrong, path: '/?token=the-secre7' }))
await until(() => ws.stats().perClient[0]?.roundTrip !== null, 'a ping and its pong')
client.socket.close(1001)
await client.closed
await until(() => ws.stats().clients === 0, 'the first client to be gone')

// A client that does not read, until it does.
const slow = new RawClient(dial(port))
slow.write(REQUEST)
await slow.answered()
slow.socket.pause()
await until(() => {
  ws.send('big', 'x'.repeat(1_000_000))
  return ws.stats().overflows > 0
}, 'an overflow')
slow.socket.resume()
await until(() => ws.stats().perClient[0]?.queuedBytes === 0, 'it to have read all')
slow.socket.destroy()
await until(() => ws.stats().clients === 0, 'it to be gone')
await close()
