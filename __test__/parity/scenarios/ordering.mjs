import assert from 'node:assert/strict'
import { frame } from '../../support/frame.mjs'
import { upgradeRequest } from '../../support/handshake.mjs'

/** Sends `count` numbered messages by all the ways there are, and returns what was sent. */
function sendMixed(server, count) {
  const [client] = server.ws.clients
  const expected = []
  for (let n = 0; n < count; n += 1) {
    const data = { n, fill: n % 97 === 0 ? 'é\u{1f600}'.repeat(n % 5000) : '' }
    if (n % 4 === 0) server.ws.send('mixed', data)
    else if (n % 4 === 1) client.send('mixed', data)
    else if (n % 4 === 2) client.socket.send(JSON.stringify({ event: 'mixed', data }))
    else server.ws.send({ type: 'custom', event: 'mixed', data })
    expected.push(n)
  }
  return expected
}

async function mixed(t, count) {
  const server = await t.start()
  const client = await t.join(server)
  const expected = sendMixed(server, count)
  await client.count(count + 1)
  const got = client.payloads.slice(1).map(({ data }) => data.n)
  assert.deepEqual(got, expected)
  t.observe('frames', client.frames.slice(1, 9))
  t.observe(
    'bytes',
    client.frames.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  )
}

export default [
  {
    name: 'ordering_mixed',
    covers: 'broadcasts, single and raw messages keep their order',
    quick: true,
    run: (t) => mixed(t, 3_000),
  },
  {
    name: 'ordering_10000',
    covers: 'ten thousand of them keep their order',
    run: (t) => mixed(t, 10_000),
  },
  {
    name: 'ordering_inbound',
    covers: "a client's messages are heard in order, whichever event they are",
    async run(t) {
      const server = await t.start()
      const heard = []
      server.ws.on('numbered', ({ n }) => heard.push(n))
      server.ws.on('other', ({ n }) => heard.push(n))
      const client = await t.join(server)
      const count = 3_000
      for (let n = 0; n < count; n += 1) {
        client.emit(n % 3 === 0 ? 'other' : 'numbered', { n, fill: 'x'.repeat(n % 700) })
      }
      await t.flush(server, client)
      assert.deepEqual(
        heard,
        Array.from({ length: count }, (_, n) => n),
      )
    },
  },
  {
    name: 'ordering_close',
    covers: 'what was sent before a close arrives before it',
    quick: true,
    async run(t) {
      const server = await t.start()
      const client = await t.join(server)
      const [face] = server.ws.clients
      for (let n = 0; n < 200; n += 1) face.send('numbered', n)
      face.socket.close(4000, 'after all')
      server.ws.send('never')
      assert.deepEqual(await t.within(client.closed, 'the close'), {
        code: 4000,
        reason: 'after all',
      })
      assert.equal(client.frames.length, 201)
      t.observe('last', client.frames.at(-1))
    },
  },
  {
    name: 'slow_client',
    covers: 'a client that does not read delays nobody else',
    quick: true,
    async run(t) {
      const server = await t.start()
      const slow = t.raw(server)
      await slow.write(upgradeRequest())
      assert.equal(await slow.status(), 101)
      slow.socket.pause()
      const fast = await t.join(server)
      await t.size(server, 2)
      for (let n = 0; n < 20; n += 1) server.ws.send('large', { n, fill: 'x'.repeat(500_000) })
      await fast.count(21)
      assert.deepEqual(
        fast.payloads.slice(1).map(({ data }) => data.n),
        [...Array(20).keys()],
      )
      t.observe('tracked', server.ws.clients.size)
      await t.flush(server, fast)
      await t.stop(server)
      assert.equal((await t.within(fast.closed, 'the cut')).code, 1006)
    },
  },
  {
    name: 'slow_client_catches_up',
    covers: 'a client that pauses gets everything when it reads again',
    async run(t) {
      const server = await t.start()
      const client = await t.join(server)
      client.socket.pause()
      for (let n = 0; n < 10; n += 1) server.ws.send('large', { n, fill: 'y'.repeat(200_000) })
      const other = await t.join(server)
      await t.drain(server, other)
      client.socket.resume()
      await client.count(11)
      assert.deepEqual(
        client.payloads.filter(({ event }) => event === 'large').map(({ data }) => data.n),
        [...Array(10).keys()],
      )
    },
  },
  {
    name: 'many_clients',
    covers: 'a hundred clients, half of which leave',
    quick: true,
    async run(t) {
      const server = await t.start()
      const clients = await Promise.all(Array.from({ length: 100 }, () => t.join(server)))
      await t.size(server, 100)
      server.ws.send('to:all', 1)
      await Promise.all(clients.map((client) => client.find('to:all')))
      clients.slice(0, 50).forEach((client, n) => {
        if (n % 2) client.socket.terminate()
        else client.socket.close()
      })
      await t.size(server, 50)
      server.ws.send('to:rest', 2)
      await Promise.all(clients.slice(50).map((client) => client.find('to:rest')))
      t.observe('frames', clients.at(-1).frames)
    },
  },
  {
    name: 'tiny_pieces',
    covers: 'a handshake and fragments that come byte by byte',
    quick: true,
    async run(t) {
      const server = await t.start()
      const heard = []
      server.ws.on('pieces', (data) => heard.push(data))
      const raw = t.raw(server)
      raw.socket.setNoDelay(true)
      const text = JSON.stringify({ type: 'custom', event: 'pieces', data: 'ä€\u{1f600}' })
      const bytes = Buffer.from(text)
      const fragments = [
        frame(1, bytes.subarray(0, 50), { fin: false }),
        frame(9, 'ping between'),
        frame(0, bytes.subarray(50, 54), { fin: false }),
        frame(0, bytes.subarray(54)),
      ]
      for (const byte of Buffer.concat([Buffer.from(upgradeRequest()), ...fragments])) {
        await raw.write(Buffer.from([byte]))
      }
      await t.until(() => heard.length === 1, 'the message')
      assert.deepEqual(heard, ['ä€\u{1f600}'])
      await t.until(() => raw.body.includes('ping between'), 'the pong')
      t.observe('body', raw.body.toString('latin1'))
    },
  },
]
