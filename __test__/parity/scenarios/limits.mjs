import assert from 'node:assert/strict'
import { closeCode, frame } from '../../support/frame.mjs'
import { upgradeRequest } from '../../support/handshake.mjs'

const HEADER = '\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

async function opened(t, server) {
  const raw = await t.upgrade(server, {})
  assert.equal(await raw.status(), 101)
  return raw
}

/** The first line of each logged error: what follows is the stack of another implementation. */
function logged(t) {
  return t.log.lines('error').map((text) => text.split('\n').slice(0, 2).join('\n'))
}

/** What each hostile message makes the server answer and log, with a steady client beside it. */
async function provoke(t, server, cases) {
  const steady = await t.join(server)
  for (const [what, [bytes, code]] of Object.entries(cases)) {
    const before = t.log.entries.length
    const raw = await opened(t, server)
    await raw.write(bytes)
    await t.until(() => raw.ended || closeCode(raw.body), `an end for "${what}"`)
    const seen = closeCode(raw.body)
    raw.socket.destroy()
    await t.size(server, 1)
    const log = logged(t).slice(before)
    t.observe(what, { code: seen, log })
    assert.deepEqual([what, seen], [what, code])
  }
  await t.flush(server, steady)
  t.observe('frames of the steady client', await t.drain(server, steady))
}

export default [
  {
    name: 'protocol_errors',
    covers: 'protocol errors close with the code of ws and are logged once',
    quick: true,
    async run(t) {
      const server = await t.start()
      await provoke(t, server, {
        'invalid UTF-8': [frame(1, [0xff, 0xfe]), 1007],
        'cut UTF-8': [frame(1, [0xe2, 0x82]), 1007],
        'UTF-8 surrogate': [frame(1, [0xed, 0xa0, 0x80]), 1007],
        'RSV1 without an extension': [frame(1, 'a', { rsv: 4 }), 1002],
        RSV2: [frame(1, 'a', { rsv: 2 }), 1002],
        unmasked: [frame(1, 'a', { masked: false }), 1002],
        'unknown opcode': [frame(3, 'a'), 1002],
        'unknown control opcode': [frame(11, 'a'), 1002],
        'long ping': [frame(9, 'x'.repeat(126)), 1002],
        'fragmented ping': [frame(9, 'x', { fin: false }), 1002],
        'continuation of nothing': [frame(0, 'a'), 1002],
        'two beginnings': [Buffer.concat([frame(1, 'a', { fin: false }), frame(1, 'b')]), 1002],
        'close of one byte': [frame(8, [3]), 1002],
        'close code 1005': [frame(8, [3, 237]), 1002],
        'close code 999': [frame(8, [3, 231]), 1002],
        'close reason not UTF-8': [frame(8, [3, 232, 0xff]), 1007],
      })
    },
  },
  {
    name: 'too_long',
    covers: 'a message above 100 MiB closes with 1009 as soon as it is announced',
    quick: true,
    async run(t) {
      const server = await t.start()
      await provoke(t, server, {
        'announced above 100 MiB': [frame(1, 'x', { length: 100 * 2 ** 20 + 1 }), 1009],
        'announced 2^53': [frame(1, 'x', { length: 2 ** 53 }), 1009],
        'binary above 100 MiB': [frame(2, 'x', { length: 100 * 2 ** 20 + 1 }), 1009],
      })
      const raw = await opened(t, server)
      await raw.write(frame(1, 'x', { length: 100 * 2 ** 20 }))
      await t.get(server, '/')
      assert.equal(closeCode(raw.body), null)
    },
  },
  {
    name: 'too_long_in_fragments',
    covers: 'fragments above 100 MiB together close with 1009',
    async run(t) {
      const server = await t.start()
      const part = frame(1, Buffer.alloc(51 * 2 ** 20, 'x'), { fin: false })
      const rest = frame(0, 'x', { length: 51 * 2 ** 20 })
      await provoke(t, server, { 'sum above 100 MiB': [Buffer.concat([part, rest]), 1009] })
    },
  },
  {
    name: 'too_many_fragments',
    covers: 'a message in too many fragments is refused',
    quick: true,
    async run(t) {
      const server = await t.start()
      const parts = [frame(1, 'a', { fin: false })]
      for (let n = 0; n < 17_000; n += 1) parts.push(frame(0, 'b', { fin: false }))
      const raw = await opened(t, server)
      await raw.write(Buffer.concat(parts))
      await t.get(server, '/')
      await raw.write(frame(9, 'are you there'))
      await t.until(() => closeCode(raw.body) || raw.body.includes('are you there'), 'an answer')
      t.observe('code', closeCode(raw.body))
      t.observe('log', logged(t))
    },
  },
  {
    name: 'pings',
    covers: 'every ping is answered with its payload',
    quick: true,
    async run(t) {
      const server = await t.start()
      const raw = await opened(t, server)
      await raw.write(Buffer.concat([...'abcdefgh'].map((letter) => frame(9, letter))))
      await raw.write(frame(9, ''))
      await raw.write(frame(9, 'x'.repeat(125)))
      await t.until(() => raw.body.includes('x'.repeat(125)), 'the last pong')
      t.observe('body', raw.body.toString('hex'))
    },
  },
  {
    name: 'ping_flood',
    covers: 'a flood of pings is answered to the last',
    quick: true,
    async run(t) {
      const server = await t.start()
      const steady = await t.join(server)
      const raw = await opened(t, server)
      const pings = Array.from({ length: 2_000 }, () => frame(9, 'p'))
      await raw.write(Buffer.concat([...pings, frame(9, 'the last')]))
      await t.until(() => raw.ended || raw.body.includes('the last'), 'an end of the pongs')
      t.observe('answered to the last', raw.body.includes('the last'))
      t.observe('log', logged(t))
      t.observe('frames of the steady client', await t.drain(server, steady))
    },
  },
  {
    name: 'rst_unmatched_upgrade',
    covers: 'a reset upgrade that nobody claimed does not end the process',
    uncaught: true,
    fresh: true,
    quick: true,
    async run(t) {
      const server = await t.start()
      const steady = await t.join(server)
      for (const path of ['/not/ours', '/nor/this']) {
        const raw = await t.upgrade(server, {}, { path })
        await t.get(server, '/')
        raw.reset()
      }
      await t.get(server, '/')
      await t.flush(server, steady)
      await t.get(server, '/')
      t.observe(
        'uncaught',
        t.uncaught.map((error) => error.code),
      )
      if (t.ours) assert.deepEqual(t.uncaught, [])
    },
  },
  {
    name: 'ws_error_logged',
    covers: 'an error of a connection is an event of its socket and one log line',
    quick: true,
    async run(t) {
      const server = await t.start()
      const seen = []
      server.ws.on('connection', (socket) => {
        socket.on('error', (error) => seen.push([error.name, error.code, error.message]))
        socket.on('close', (code) => seen.push(['close', code, socket.readyState]))
      })
      const raw = await opened(t, server)
      await raw.write(frame(1, [0xff]))
      await t.until(() => closeCode(raw.body), 'the close frame')
      raw.socket.end()
      await t.size(server, 0)
      await t.until(() => seen.length === 2, 'error and close')
      t.observe('seen', seen)
      t.observe('log', logged(t))
      assert.match(t.log.lines('error')[0], /^ws error:\n/)
    },
  },
  {
    name: 'listener_throws',
    covers: 'a listener that throws, and what still works after it',
    uncaught: true,
    lingers: true,
    fresh: true,
    quick: true,
    async run(t) {
      const server = await t.start()
      const heard = []
      server.ws.on('throws', () => {
        throw new Error('thrown by a listener')
      })
      server.ws.on('throws', () => heard.push('a later listener of the same event'))
      server.ws.on('fine', (data) => heard.push(data))
      const client = await t.join(server)
      const other = await t.join(server)
      client.emit('throws')
      await t.until(() => t.uncaught.length === 1, 'the uncaught error')
      other.emit('fine', 'other')
      await t.until(() => heard.includes('other'), 'another client')
      client.emit('fine', 'same')
      await t.flush(server, other)
      const usable = await t
        .until(() => heard.includes('same'), 'the same client is heard', 3_000)
        .then(
          () => true,
          () => false,
        )
      const closed = await t.within(server.close(), 'close', 3_000).then(
        () => true,
        () => false,
      )
      server.stopped = true
      t.observe(
        'uncaught',
        t.uncaught.map((error) => error.message),
      )
      t.observe(
        'heard',
        heard.filter((one) => one !== 'same'),
      )
      t.observe('the same socket stays usable', usable)
      t.observe('close ends', closed)
      if (t.ours) assert.deepEqual([usable, closed], [true, true])
    },
  },
  {
    name: 'connection_listener_throws',
    covers: 'a connection listener that throws, and what still works after it',
    uncaught: true,
    lingers: true,
    fresh: true,
    async run(t) {
      const server = await t.start()
      server.ws.on('connection', () => {
        throw new Error('thrown by a connection listener')
      })
      const client = await t.join(server)
      await t.until(() => t.uncaught.length === 1, 'the uncaught error')
      server.ws.send('still')
      t.observe('frames', await t.drain(server, client))
      t.observe(
        'uncaught',
        t.uncaught.map((error) => error.message),
      )
    },
  },
  {
    name: 'bad_request_target',
    covers: 'request targets that no URL parser takes end nothing',
    uncaught: true,
    fresh: true,
    async run(t) {
      const server = await t.start()
      const steady = await t.join(server)
      for (const target of [':99999', ':x', 'http://[', '//[', '/%', '*']) {
        const raw = t.raw(server)
        await raw.write(`GET ${target} HTTP/1.1\r\nSec-WebSocket-Protocol: vite-hmr${HEADER}`)
        await t.get(server, '/')
        await t.get(server, '/')
        t.observe(target, raw.bytes.toString())
        raw.socket.destroy()
      }
      const raw = t.raw(server)
      await raw.write(
        upgradeRequest({ headers: { 'Sec-WebSocket-Protocol': ['vite-hmr', 'vite-hmr'] } }),
      )
      await t.get(server, '/')
      t.observe('two protocol headers', raw.bytes.toString())
      await t.flush(server, steady)
      t.observe(
        'uncaught',
        t.uncaught.map((error) => error.code ?? error.message),
      )
      if (t.ours) assert.deepEqual(t.uncaught, [])
    },
  },
]
