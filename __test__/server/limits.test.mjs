import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocketServer } from 'ws'
import { Client } from '../support/client.mjs'
import { until, within } from '../support/deadline.mjs'
import { OPCODE } from '../support/frame.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { RawClient } from '../support/raw-client.mjs'
import { rawAnswer } from '../support/raw-socket.mjs'
import { serve, TRANSPORTS } from '../support/server.mjs'

test('one client above maxClients is refused with 503, until another leaves', async (t) => {
  const { port, ws } = await serve(t, { options: { maxClients: 1 } })
  const first = await Client.connect(port)
  assert.match(await rawAnswer(port, upgradeRequest()), /^HTTP\/1\.1 503 Service Unavailable\r\n/)
  first.socket.close()
  await first.closed
  await until(() => ws.clients.size === 0, 'the first client to be gone')
  await Client.connect(port)
})

const MESSAGE = Buffer.alloc(16 * 1024)

/** What is more than may wait for a client, and no reload makes up for. */
const OVERFLOWS = {
  'raw frames under the default policy': {
    send: ({ known }) => known.socket.send(MESSAGE),
  },
  'raw frames and broadcasts under the default policy': {
    // Broadcasts are dropped for a reload first, unless raw frames alone are too much by then.
    mayReload: true,
    send({ ws, known }) {
      ws.send('my:event', String(MESSAGE))
      known.socket.send(MESSAGE)
    },
  },
  "broadcasts under `overflow: 'close'`": {
    overflow: 'close',
    send: ({ ws }) => ws.send('my:event', String(MESSAGE)),
  },
}

for (const { transport, counted } of TRANSPORTS) {
  test(`a message above maxPayload closes its connection with 1009 (${counted})`, async (t) => {
    const errors = []
    const config = { logger: { error: (text) => errors.push(text) } }
    const { port } = await serve(t, { config, options: { transport, maxPayload: 1000 } })
    const [large, small] = [await Client.connect(port), await Client.connect(port)]
    small.socket.send('x'.repeat(1000))
    large.socket.send('x'.repeat(1001))
    assert.equal((await within(large.closed, 'the close')).code, 1009)
    assert.equal(errors.length, 1)
    assert.match(errors[0], /ws error:.*\n.*Max payload size exceeded/)
    assert.equal(small.socket.readyState, small.socket.OPEN)
  })

  test(`a close handshake that is not answered is cut after closeTimeout (${counted})`, async (t) => {
    const { port, ws } = await serve(t, { options: { transport, closeTimeout: 100 } })
    const connected = new Promise((resolve) => ws.on('connection', resolve))
    const client = await Client.connect(port)
    client.socket.pause()
    const socket = await connected
    const closed = once(socket, 'close')
    socket.close(1000)
    assert.deepEqual(await within(closed, 'the cut'), [1006, Buffer.alloc(0)])
  })

  for (const [what, { overflow, send, mayReload }] of Object.entries(OVERFLOWS)) {
    test(`${what} close a client that does not read with 1013, and its socket says so (${counted})`, async (t) => {
      const warnings = []
      const config = { logger: { warn: (text) => warnings.push(text) } }
      const options = { transport, overflow, highWaterMark: 64 * 1024, lowWaterMark: 1024 }
      const { port, ws } = await serve(t, { config, options })
      const client = await RawClient.connect(t, port)
      client.socket.pause()
      const [known] = ws.clients
      await until(() => {
        send({ ws, known })
        return warnings.some((text) => text.includes('1013'))
      }, 'the warning')
      assert.equal(known.socket.readyState, known.socket.CLOSING)
      const others = warnings.filter((text) => !text.includes('1013'))
      assert.equal(warnings.length, others.length + 1)
      assert.ok(others.length <= (mayReload ? 1 : 0), others.join('\n'))
      const closed = once(known.socket, 'close')
      client.socket.resume()
      let control = await client.nextControl()
      while (control.opcode !== OPCODE.close) control = await client.nextControl()
      assert.equal(control.payload.readUInt16BE(), 1013)
      await client.close()
      await within(closed, 'the close event')
      assert.equal(known.socket.readyState, known.socket.CLOSED)
    })
  }

  test(`a flood of pings is answered, every one (${counted})`, async (t) => {
    const { port } = await serve(t, { options: { transport } })
    const client = await Client.connect(port)
    let pongs = 0
    const all = new Promise((resolve) => {
      client.socket.on('pong', () => ++pongs === 5000 && resolve())
    })
    for (let number = 0; number < 5000; number++) client.socket.ping(`${number}`)
    await within(all, 'the last pong')
  })
}

test('with retain an error goes to every new tab until an update clears it', async (t) => {
  const { port, ws } = await serve(t, { options: { retain: true } })
  ws.send('before', 1)
  ws.send({ type: 'error', err: { message: 'broken', stack: '' } })
  ws.send('before', 2)
  const first = await Client.connect(port)
  assert.deepEqual(
    [await first.next(), await first.next()].map(({ data }) => data),
    [1, 2],
  )
  assert.equal((await first.next()).err.message, 'broken')
  const second = await Client.connect(port)
  assert.equal((await second.next()).err.message, 'broken')
  ws.send({ type: 'update', updates: [] })
  assert.equal((await second.next()).type, 'update')
  const third = await Client.connect(port)
  ws.send('next')
  assert.equal((await third.next()).event, 'next')
})

test('with unclaimedTimeout an upgrade that nobody answers gets a 404', async (t) => {
  const { port } = await serve(t, { options: { unclaimedTimeout: 50 } })
  const answer = await rawAnswer(port, upgradeRequest({ path: '/nobody' }))
  assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n/)
})

test('a socket that another listener has answered is left to it, with one warning', async (t) => {
  const warnings = []
  const { server, ws, port } = await serve(t, {
    config: { logger: { warn: (text) => warnings.push(text) } },
  })
  const greedy = new WebSocketServer({ noServer: true })
  server.prependListener('upgrade', function greedyListener(request, socket, head) {
    greedy.handleUpgrade(request, socket, head, (peer) => peer.send('theirs'))
  })
  for (let round = 0; round < 2; round++) {
    const client = new Client(`ws://127.0.0.1:${port}`)
    assert.equal(await client.text(), 'theirs')
    client.socket.terminate()
  }
  assert.equal(ws.clients.size, 0)
  assert.equal(warnings.length, 1)
  assert.match(warnings[0], /greedyListener/)
})
