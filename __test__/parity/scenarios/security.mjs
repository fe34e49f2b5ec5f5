import assert from 'node:assert/strict'
import { frame } from '../../support/frame.mjs'
import { upgradeRequest } from '../../support/handshake.mjs'
import { environments } from './majors.mjs'

const origin = { Origin: 'http://evil.test' }

async function answers(t, server, cases) {
  for (const [what, { headers, path, accepted, ...options }] of Object.entries(cases)) {
    const raw = await t.upgrade(server, headers, { path, ...options })
    const status = await raw.status()
    assert.deepEqual([what, status], [what, accepted ? 101 : 400])
    t.observe(what, accepted ? raw.head : await raw.answer())
    raw.socket.destroy()
  }
}

export default [
  {
    name: 'token_rejected',
    covers: 'with an Origin header the right token is needed, and the first one counts',
    quick: true,
    async run(t) {
      const server = await t.start()
      const { webSocketToken: good } = server.config
      const bad = good.replace(/./g, (letter) => (letter === 'x' ? 'y' : 'x'))
      await answers(t, server, {
        'S1 no token': { headers: origin },
        'S2 same length': { headers: origin, path: `/?token=${bad}` },
        'S3 shorter': { headers: origin, path: `/?token=${good.slice(1)}` },
        'S3 longer': { headers: origin, path: `/?token=${good}a` },
        'S3 empty': { headers: origin, path: '/?token=' },
        'S3 not ascii': { headers: origin, path: `/?token=${'%C3%A9'.repeat(6)}` },
        'S3 other name': { headers: origin, path: `/?Token=${good}` },
        'S4 right': { headers: origin, path: `/?token=${good}`, accepted: true },
        'S4 right among others': { headers: origin, path: `/?a=1&token=${good}`, accepted: true },
        'S5 no origin, no token': { headers: {}, accepted: true },
        'S5 no origin, bad token': { headers: {}, path: `/?token=${bad}`, accepted: true },
        'S6 origin null': { headers: { Origin: 'null' } },
        'S6 origin null, token': {
          headers: { Origin: 'null' },
          path: `/?token=${good}`,
          accepted: true,
        },
        'S6 origin empty': { headers: { Origin: '' }, accepted: true },
        'S10 bad then good': { headers: origin, path: `/?token=${bad}&token=${good}` },
        'S10 good then bad': {
          headers: origin,
          path: `/?token=${good}&token=${bad}`,
          accepted: true,
        },
      })
      await t.size(server, 0)
    },
  },
  {
    name: 'token_skip',
    covers: 'legacy.skipWebSocketTokenCheck waives the token but not the host check',
    quick: true,
    async run(t) {
      const server = await t.start({ legacy: { skipWebSocketTokenCheck: true } })
      await answers(t, server, {
        'no token': { headers: origin, accepted: true },
        'bad host': { headers: { ...origin, Host: 'evil.test' } },
        'bad host, token': {
          headers: { ...origin, Host: 'evil.test' },
          path: `/?token=${server.config.webSocketToken}`,
        },
      })
    },
  },
  {
    name: 'host_rejected',
    covers: 'a Host that is neither local nor in allowedHosts is refused',
    quick: true,
    async run(t) {
      const server = await t.start({ server: { allowedHosts: ['.sub.test', 'one.test'] } })
      const path = `/?token=${server.config.webSocketToken}`
      const cases = {
        'S7 evil': { headers: { Host: 'evil.test' }, path },
        'S7 evil with origin': { headers: { Host: 'evil.test', ...origin }, path },
        'S8 no host': {
          headers: { Host: null },
          version: 'HTTP/1.0',
          path,
          accepted: t.major >= 7,
        },
      }
      const fine = ['localhost', 'a.localhost:1', '127.0.0.1', '[::1]:80', '10.0.0.1', 'LOCALHOST']
      const listed = ['sub.test', 'a.sub.test', 'a.b.sub.test:99', 'one.test']
      const refused = [
        '[::1',
        'localhost.evil.test',
        '127.0.0.1.evil.test',
        'xsub.test',
        'b.one.test',
      ]
      for (const Host of [...fine.slice(0, 5), ...listed]) {
        cases[`S8 ${Host}`] = { headers: { Host }, path, accepted: true }
      }
      for (const Host of refused) cases[`S8 ${Host}`] = { headers: { Host }, path }
      await answers(t, server, cases)
      for (const Host of [
        'LOCALHOST',
        '',
        'localhost:x',
        'user@localhost',
        '[::1]x',
        'localhost,evil',
      ]) {
        const raw = await t.upgrade(server, { Host }, { path })
        t.observe(`host "${Host}"`, await raw.status())
        raw.socket.destroy()
      }
      await t.size(server, 0)
    },
  },
  {
    name: 'host_allow_all',
    covers: 'allowedHosts: true waives the host check but not the token',
    quick: true,
    async run(t) {
      const server = await t.start({ server: { allowedHosts: true } })
      await answers(t, server, {
        evil: { headers: { Host: 'evil.test' }, accepted: true },
        'no host': { headers: { Host: null }, version: 'HTTP/1.0', accepted: t.major >= 7 },
        'token is still needed': { headers: { Host: 'evil.test', ...origin } },
      })
    },
  },
  {
    name: 'host_of_options',
    covers: 'hosts named in server.hmr.host and server.origin are allowed',
    async run(t) {
      const server = await t.start({
        server: { hmr: { host: 'hmr.test' }, host: '127.0.0.1', origin: 'http://origin.test' },
      })
      await answers(t, server, {
        'hmr.host': { headers: { Host: 'hmr.test' }, accepted: true },
        'sub of hmr.host': { headers: { Host: 'a.hmr.test' } },
        'server.origin': { headers: { Host: 'origin.test' }, accepted: true },
      })
    },
  },
  {
    name: 'token_of_another',
    covers: 'the token of another server, or of before a restart, is refused',
    quick: true,
    async run(t) {
      const first = await t.start()
      const second = await t.start()
      const old = first.config.webSocketToken
      const other = second.config.webSocketToken
      assert.notEqual(old, other)
      const crossed = await t.upgrade(first, origin, { path: `/?token=${other}` })
      t.observe('of another server', await crossed.answer())
      await first.restart()
      assert.notEqual(first.config.webSocketToken, old)
      const stale = await t.upgrade(first, origin, { path: `/?token=${old}` })
      t.observe('after a restart', await stale.answer())
      const { webSocketToken: fresh } = first.config
      const raw = await t.upgrade(first, origin, { path: `/?token=${fresh}` })
      assert.equal(await raw.status(), 101)
    },
  },
  {
    name: 'rejected_unseen',
    covers: 'a refused upgrade calls no listener and is never a client',
    quick: true,
    async run(t) {
      const server = await t.start()
      const seen = []
      for (const event of ['connection', 'headers', 'vite:client:connect', 'error']) {
        server.ws.on(event, () => seen.push(event))
      }
      for (const headers of [origin, { Host: 'evil.test' }, { 'Sec-WebSocket-Key': 'short' }]) {
        const raw = await t.upgrade(server, headers)
        assert.equal(await raw.status(), 400)
        assert.equal(server.ws.clients.size, 0)
        await raw.answer()
      }
      t.observe('seen', seen)
      assert.deepEqual(seen, [])
      await t.join(server)
      t.observe('seen of a good one', seen)
    },
  },
  {
    name: 'fetch_module_disabled',
    covers: 'a browser cannot fetch modules over the socket (CVE-2026-39363)',
    ...environments,
    quick: true,
    async run(t) {
      const outside = t.project({ 'secret.txt': 'the secret' })
      const server = await t.start()
      const client = await t.join(server)
      for (const path of ['/part.js', `file://${outside.path('secret.txt')}?raw`]) {
        const id = `send:${path}`
        client.emit('vite:invoke', { name: 'fetchModule', id, data: [path] })
        const { data } = await client.find('vite:invoke')
        t.observe(path.split(':')[0], data)
        assert.match(data.data.error.message, /disabled/)
        assert.equal(JSON.stringify(data).includes('the secret'), false)
      }
    },
  },
  {
    name: 'prototype_events',
    covers: 'event names and keys such as __proto__ are plain data',
    quick: true,
    async run(t) {
      const server = await t.start()
      const heard = []
      server.ws.on('known', (data) => heard.push(data))
      const client = await t.join(server)
      for (const event of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
        client.emit(event, 1)
      }
      client.send('{"type":"custom","event":"known","data":{"__proto__":{"polluted":1},"a":1}}')
      client.send('{"__proto__":{"type":"custom","event":"known"},"data":2}')
      await t.flush(server, client)
      assert.equal(Object.prototype.polluted, undefined)
      t.observe(
        'heard',
        heard.map((data) => [JSON.stringify(data), Object.keys(data)]),
      )
      server.ws.on('__proto__', (data) => heard.push(data))
      client.emit('__proto__', 'named')
      await t.flush(server, client)
      t.observe('a listener of that name', heard.at(-1))
    },
  },
  {
    name: 'rst_every_stage',
    covers: 'a reset at any moment of a connection harms neither the server nor others',
    quick: true,
    async run(t) {
      const server = await t.start()
      const steady = await t.join(server)
      const bytes = Buffer.from(upgradeRequest())
      const message = frame(1, '{"type":"custom","event":"x"}')
      const stages = {
        'within the request': [bytes.subarray(0, 40)],
        'after the request': [bytes],
        'after a refusal': [Buffer.from(upgradeRequest({ headers: origin }))],
        'within a frame': [bytes, message.subarray(0, 5)],
        'after a frame': [bytes, message],
        'with a close frame': [bytes, frame(8, [3, 232])],
      }
      for (const parts of Object.values(stages)) {
        for (const wait of [false, true]) {
          const raw = t.raw(server)
          await raw.write(parts[0])
          if (wait && parts.length > 1) await raw.status()
          if (parts[1]) await raw.write(parts[1])
          raw.reset()
        }
      }
      await t.flush(server, steady)
      await t.size(server, 1)
      t.observe('frames of the steady client', await t.drain(server, steady))
      t.observe('errors', t.log.lines('error'))
      assert.deepEqual(t.uncaught, [])
    },
  },
  {
    name: 'separate_port_rules',
    covers: 'on a port of its own any path and subprotocol, but the same token and host checks',
    quick: true,
    async run(t) {
      const port = await t.freePort()
      t.hide(port, '<ws port>')
      const server = await t.start({ server: { hmr: { port } } })
      const { webSocketToken: token } = server.config
      await answers(t, server, {
        'no token': { headers: origin, path: '/any', port },
        'bad host': { headers: { Host: 'evil.test' }, path: '/any', port },
        'any path': { headers: {}, path: '/any', port, accepted: true },
        'any protocol': {
          headers: { 'Sec-WebSocket-Protocol': 'other' },
          path: '/any',
          port,
          accepted: true,
        },
        'no protocol': {
          headers: { 'Sec-WebSocket-Protocol': null },
          path: '/',
          port,
          accepted: true,
        },
        token: { headers: origin, path: `/any?token=${token}`, port, accepted: true },
      })
    },
  },
]
