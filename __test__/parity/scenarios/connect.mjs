import assert from 'node:assert/strict'
import { closeCode, frame } from '../../support/frame.mjs'
import { upgradeRequest } from '../../support/handshake.mjs'
import { pings } from './majors.mjs'

const MEMBERS = 'name send on off listen close setInvokeHandler handleInvoke clients'.split(' ')

export default [
  {
    name: 'identity',
    covers: "server.ws is the client environment's hot channel and has all of Vite's members",
    quick: true,
    async run(t) {
      const server = await t.start()
      if (t.major >= 6) {
        assert.equal(server.ws, server.environments.client.hot)
        const symbols = Object.getOwnPropertySymbols(server.ws)
        assert(symbols.some((symbol) => symbol.description === 'isWebSocketServer'))
      }
      if (t.major >= 7) assert.equal(server.hot, server.ws)
      // Ours may have members of its own; Vite's must all be there, in kind.
      t.observe('members', Object.fromEntries(MEMBERS.map((key) => [key, typeof server.ws[key]])))
      t.observe('name', server.ws.name)
      t.observe('clients is a Set', server.ws.clients instanceof Set)
      t.observe(
        'string keys',
        Object.keys(server.ws)
          .filter((key) => MEMBERS.includes(key))
          .sort(),
      )
    },
  },
  {
    name: 'connect',
    covers: 'a browser connects, is greeted with "connected" and counted until it leaves',
    quick: true,
    async run(t) {
      const server = await t.start()
      const offered = {
        Origin: 'http://localhost',
        'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
      }
      const path = `/?token=${server.config.webSocketToken}`
      const raw = await t.upgrade(server, offered, { path })
      assert.equal(await raw.status(), 101)
      t.observe('101', raw.head)
      raw.socket.destroy()
      const first = await t.connect(server, { origin: 'http://localhost' })
      assert.equal(first.socket.protocol, 'vite-hmr')
      assert.equal(first.socket.extensions, '')
      assert.equal(await first.text(), '{"type":"connected"}')
      await t.size(server, 1)
      const second = await t.join(server)
      await t.size(server, 2)
      t.observe('closing handshake', await first.end(1000, 'done'))
      await t.size(server, 1)
      second.socket.terminate()
      await t.size(server, 0)
    },
  },
  {
    name: 'vite_ping',
    covers: 'a vite-ping from anywhere is opened, closed with 1000, and is no client',
    ...pings,
    quick: true,
    async run(t) {
      const server = await t.start()
      const seen = []
      server.ws.on('connection', () => seen.push('connection'))
      server.ws.on('headers', () => seen.push('headers'))
      server.ws.on('vite:client:connect', () => seen.push('vite:client:connect'))
      server.ws.on('my:event', () => seen.push('my:event'))
      const evil = { Host: 'evil.test', Origin: 'http://evil.test' }
      const raw = t.raw(server)
      const asked = upgradeRequest({ headers: { ...evil, 'Sec-WebSocket-Protocol': 'vite-ping' } })
      const message = frame(1, JSON.stringify({ type: 'custom', event: 'my:event' }))
      await raw.write(Buffer.concat([Buffer.from(asked), message]))
      assert.equal(await raw.status(), 101)
      t.observe('101', raw.head)
      await t.until(() => closeCode(raw.body), 'a close frame')
      t.observe('frames', raw.body.toString('hex'))
      assert.equal(closeCode(raw.body), 1000)
      await raw.write(frame(8, [3, 232]))
      await t.until(() => raw.ended, 'the end of the ping')
      const client = t.dial(server, { protocol: 'vite-ping', origin: 'http://evil.test' })
      assert.equal((await t.within(client.closed, 'the close')).code, 1000)
      await t.size(server, 0)
      t.observe('seen', seen)
      assert.equal(seen.includes('my:event'), false)
      assert.equal(seen.includes('connection'), false)
    },
  },
  {
    name: 'vite_ping_before_6',
    covers: 'before Vite 6 nobody answers a vite-ping',
    majors: [5],
    why: 'from Vite 6 on the subprotocol is known',
    async run(t) {
      const server = await t.start()
      const raw = await t.upgrade(server, { 'Sec-WebSocket-Protocol': 'vite-ping' })
      await t.get(server, '/')
      const client = await t.join(server)
      await client.end()
      t.observe('unanswered', { bytes: raw.bytes.length, ended: raw.ended })
      assert.equal(raw.bytes.length, 0)
    },
  },
  {
    name: 'foreign_upgrade',
    covers: 'upgrades of another path or subprotocol are left to other listeners',
    quick: true,
    async run(t) {
      const server = await t.start()
      server.httpServer.on('upgrade', (req, socket) => {
        if (req.url === '/theirs') socket.end('HTTP/1.1 418 Theirs\r\n\r\n')
      })
      const theirs = await t.upgrade(server, {}, { path: '/theirs' })
      assert.equal(await theirs.status(), 418)
      const headers = ['vite-hmr, other', 'VITE-HMR', 'other', null]
      const left = { 'wrong path': await t.upgrade(server, {}, { path: '/wrong' }) }
      for (const protocol of headers) {
        left[`protocol ${protocol}`] = await t.upgrade(server, {
          'Sec-WebSocket-Protocol': protocol,
        })
      }
      // Whoever was to answer has done so by the time a whole later connection came and went.
      await t.get(server, '/')
      await (await t.join(server)).end()
      for (const [what, { bytes, ended }] of Object.entries(left)) {
        t.observe(what, { bytes: bytes.toString(), ended })
        assert.deepEqual([what, bytes.length, ended], [what, 0, false])
      }
    },
  },
  {
    name: 'bad_handshake',
    covers: 'malformed handshakes get the refusals of ws, byte by byte',
    quick: true,
    async run(t) {
      const server = await t.start()
      const cases = {
        'version 7': [{ 'Sec-WebSocket-Version': '7' }, 400],
        'version 8': [{ 'Sec-WebSocket-Version': '8' }, 101],
        'no version': [{ 'Sec-WebSocket-Version': null }, 400],
        'bad key': [{ 'Sec-WebSocket-Key': 'short' }, 400],
        'no key': [{ 'Sec-WebSocket-Key': null }, 400],
        'not a websocket': [{ Upgrade: 'h2c' }, 400],
        'method POST': [{}, 405, { method: 'POST' }],
        'method and key': [{ 'Sec-WebSocket-Key': 'short' }, 405, { method: 'POST' }],
        'key and host': [{ 'Sec-WebSocket-Key': 'short', Host: 'evil.test' }, 400],
        'mixed case': [{ Upgrade: 'WebSocket', Connection: 'keep-alive, Upgrade' }, 101],
        'junk extensions': [{ 'Sec-WebSocket-Extensions': '=;,"' }, 101],
        good: [{}, 101],
      }
      for (const [what, [headers, status, options]] of Object.entries(cases)) {
        const raw = await t.upgrade(server, headers, options)
        assert.deepEqual([what, await raw.status()], [what, status])
        // Refusals byte by byte up to the end of the connection.
        t.observe(what, status === 101 ? raw.head : await raw.answer())
        raw.socket.destroy()
      }
      await t.size(server, 0)
    },
  },
  {
    name: 'request_target',
    covers: 'which request targets reach the server and which do not',
    async run(t) {
      const server = await t.start()
      for (const path of ['/?', '/?a=1&b=%', '/#x', '//', '/./', '/a/..', '/%2e', '?token=x']) {
        const raw = await t.upgrade(server, {}, { path })
        await t.get(server, '/')
        await t.get(server, '/')
        t.observe(path, raw.head ?? raw.bytes.toString())
        raw.socket.destroy()
      }
    },
  },
  {
    name: 'early_message',
    covers: 'messages that come with the upgrade request are read',
    quick: true,
    async run(t) {
      const server = await t.start()
      const heard = []
      server.ws.on('early', (data) => heard.push(data))
      const raw = t.raw(server)
      const messages = [1, 2, 3].map((data) =>
        frame(1, JSON.stringify({ type: 'custom', event: 'early', data })),
      )
      const half = messages[2].length >> 1
      await raw.write(
        Buffer.concat([
          Buffer.from(upgradeRequest()),
          ...messages.slice(0, 2),
          messages[2].subarray(0, half),
        ]),
      )
      assert.equal(await raw.status(), 101)
      await t.until(() => heard.length === 2, 'the messages behind the request')
      await raw.write(messages[2].subarray(half))
      await t.until(() => heard.length === 3, 'the message that was cut in two')
      assert.deepEqual(heard, [1, 2, 3])
      t.observe('body', raw.body.toString())
    },
  },
]
