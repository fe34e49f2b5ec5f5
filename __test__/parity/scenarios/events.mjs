import assert from 'node:assert/strict'
import { frame } from '../../support/frame.mjs'
import { upgradeRequest } from '../../support/handshake.mjs'
import { connectEvents } from './majors.mjs'
import { load } from './updates.mjs'

export default [
  {
    name: 'custom_events',
    covers: 'custom events both ways, over ws, hot and the environment',
    quick: true,
    async run(t) {
      const server = await t.start()
      const heard = []
      const faces = { ws: server.ws, hot: server.hot }
      if (t.major >= 6) faces.env = server.environments.client.hot
      for (const [name, face] of Object.entries(faces)) {
        face.on(`to:${name}`, (data, client) => {
          heard.push([name, data])
          client.send(`reply:${name}`, { data })
          client.send({ type: 'custom', event: `payload:${name}`, data })
        })
      }
      const [one, two] = [await t.join(server), await t.join(server)]
      for (const name of Object.keys(faces)) one.emit(`to:${name}`, { n: name, list: [1, null] })
      await t.flush(server, one)
      for (const [name, face] of Object.entries(faces)) {
        face.send(`all:${name}`, { a: 1 })
        face.send(`none:${name}`)
        face.send({ type: 'custom', event: `payload:${name}`, data: 0 })
      }
      t.observe('heard', heard)
      t.observe('to one', await t.drain(server, one))
      t.observe('to two', await t.drain(server, two))
      assert.equal(
        two.frames.some((text) => text.includes('reply:')),
        false,
      )
    },
  },
  {
    name: 'off',
    covers: 'on adds a listener each time, off takes it away',
    quick: true,
    async run(t) {
      const server = await t.start()
      const heard = []
      const first = () => heard.push('first')
      const second = () => heard.push('second')
      t.observe('on returns', server.ws.on('my:event', first))
      server.ws.on('my:event', second)
      server.ws.on('my:event', first)
      const client = await t.join(server)
      client.emit('my:event')
      await t.flush(server, client)
      t.observe('off returns', server.ws.off('my:event', first))
      server.ws.off('my:event', () => {})
      server.ws.off('never:heard', first)
      client.emit('my:event')
      await t.flush(server, client)
      assert.deepEqual(heard, ['first', 'second', 'second'])
      server.ws.on('my:event', first)
      client.emit('my:event')
      await t.flush(server, client)
      t.observe('heard', heard)
    },
  },
  {
    name: 'listener_semantics',
    covers: 'listeners that are added, removed or async while an event is delivered',
    async run(t) {
      const server = await t.start()
      const heard = []
      const third = () => heard.push('third')
      const late = () => heard.push('late')
      server.ws.on('my:event', function listener(...args) {
        heard.push(['args', args.length, this === undefined, typeof args[1]?.send])
        server.ws.off('my:event', third)
        server.ws.on('my:event', late)
      })
      server.ws.on('my:event', async () => {
        heard.push('async')
        await null
        heard.push('after await')
      })
      server.ws.on('my:event', third)
      const client = await t.join(server)
      client.emit('my:event', 1)
      await t.flush(server, client)
      client.emit('my:event', 2)
      await t.flush(server, client)
      t.observe('heard', heard)
      const opened = []
      const connection = () => opened.push('connection')
      server.ws.on('connection', connection)
      server.ws.on('connection', connection)
      await t.join(server)
      server.ws.off('connection', connection)
      await t.join(server)
      t.observe('connection twice, then one off', opened)
    },
  },
  {
    name: 'client_identity',
    covers: 'a client is the same object in every event and in clients',
    quick: true,
    async run(t) {
      const server = await t.start()
      const heard = []
      server.ws.on('my:event', (_, client) => heard.push(client))
      const tab = await t.join(server)
      const other = await t.join(server)
      const { clients } = server.ws
      assert(clients instanceof Set)
      assert.notEqual(clients, server.ws.clients)
      assert.deepEqual([...clients], [...server.ws.clients])
      clients.clear()
      assert.equal(server.ws.clients.size, 2)
      tab.emit('my:event')
      tab.emit('my:event')
      other.emit('my:event')
      await t.flush(server, tab)
      await t.flush(server, other)
      assert.equal(heard.length, 3)
      assert.equal(heard[0], heard[1])
      assert.notEqual(heard[0], heard[2])
      assert([...server.ws.clients].includes(heard[0]))
      assert.equal([...server.ws.clients][0], heard[0])
      assert.equal(heard[0].socket, [...server.ws.clients][0].socket)
      t.observe('keys', Object.keys(heard[0]).sort())
      await tab.end()
      await t.size(server, 1)
      t.observe('socket after its end', heard[0].socket.readyState)
    },
  },
  {
    name: 'connection_event',
    covers: 'the connection event comes with the raw socket and its request',
    quick: true,
    async run(t) {
      const server = await t.start()
      const seen = []
      let ended
      const end = new Promise((resolve) => {
        ended = resolve
      })
      server.ws.on('connection', (socket, req) => {
        seen.push(['request', req.url, req.headers.origin, req.method])
        seen.push(['tracked', [...server.ws.clients].some((client) => client.socket === socket)])
        seen.push(['state', socket.readyState, socket.OPEN, socket.protocol])
        socket.send('sent by the listener')
        socket.on('message', (data, isBinary) => {
          seen.push(['message', Buffer.isBuffer(data), String(data), isBinary])
        })
        socket.on('close', (code, reason) => {
          const tracked = [...server.ws.clients].some((client) => client.socket === socket)
          seen.push(['close', code, Buffer.isBuffer(reason), String(reason), tracked])
          ended()
        })
      })
      const client = await t.connect(server, { origin: 'http://localhost' })
      assert.equal(await client.text(), '{"type":"connected"}')
      assert.equal(await client.text(), 'sent by the listener')
      client.send('raw text')
      client.socket.send(Buffer.from([1, 2, 254]))
      client.socket.send('')
      client.socket.close(4001, 'bye')
      await t.within(end, 'close')
      t.observe('seen', seen)
      assert.equal((await client.closed).code, 4001)
    },
  },
  {
    name: 'close_codes',
    covers: 'the close codes that each end of a connection sees',
    async run(t) {
      const server = await t.start()
      const codes = []
      server.ws.on('connection', (socket) => {
        socket.on('close', (code, reason) => codes.push([code, String(reason)]))
      })
      const endings = {
        'no code': (client) => client.socket.close(),
        'code and long reason': (client) => client.socket.close(4999, 'é'.repeat(61)),
        'no handshake': (client) => client.socket.terminate(),
        reset: (client) => client.socket._socket.resetAndDestroy(),
        'end of stream': (client) => client.socket._socket.end(),
      }
      for (const [what, end] of Object.entries(endings)) {
        const client = await t.join(server)
        end(client)
        const { code } = await t.within(client.closed, what)
        await t.until(() => codes.length > 0, `the close event of "${what}"`)
        t.observe(what, { client: code, server: codes.shift() })
      }
      t.observe('log', t.log.lines('error'))
    },
  },
  {
    name: 'invalidate',
    covers: 'vite:invalidate from a browser updates the importers',
    quick: true,
    async run(t) {
      const server = await t.start()
      await load(t, server)
      const client = await t.join(server)
      t.edit(server, 'part.js', 'export const value = 2\nimport.meta.hot.accept()\n')
      await client.find('update')
      const data = { path: '/part.js', message: 'no way', firstInvalidatedBy: '/part.js' }
      client.emit('vite:invalidate', data)
      const update = await client.find('update')
      assert.equal(update.updates[0].path, '/main.js')
      t.observe('frames', await t.drain(server, client))
      const log = t.log.lines('info', 'hmr invalidate')
      assert.equal(log.length, 1)
      t.observe('log', log)
    },
  },
  {
    name: 'connect_events',
    covers: 'vite:client:connect and vite:client:disconnect frame a client',
    ...connectEvents,
    quick: true,
    async run(t) {
      const server = await t.start()
      const seen = []
      const note = (event) => (data, client) => {
        seen.push({ event, data, tracked: [...server.ws.clients].includes(client), client })
      }
      server.ws.on('vite:client:connect', note('connect'))
      server.ws.on('vite:client:disconnect', note('disconnect'))
      const raw = t.raw(server)
      await raw.write(Buffer.concat([Buffer.from(upgradeRequest()), frame(8, [3, 232])]))
      await t.until(() => seen.length === 2, 'both events')
      const client = await t.join(server)
      await client.end()
      await t.until(() => seen.length === 4, 'both events again')
      assert.equal(seen[2].client, seen[3].client)
      t.observe(
        'seen',
        seen.map(({ event, data, tracked }) => ({ event, data, tracked })),
      )
      assert.deepEqual(
        seen.map(({ tracked }) => tracked),
        [true, false, true, false],
      )
    },
  },
  {
    name: 'no_connect_events_before_7',
    covers: 'before Vite 7 there are no connect and disconnect events',
    majors: [5, 6],
    why: 'later majors have the events',
    async run(t) {
      const server = await t.start()
      const seen = []
      server.ws.on('vite:client:connect', () => seen.push('connect'))
      server.ws.on('vite:client:disconnect', () => seen.push('disconnect'))
      const client = await t.join(server)
      await client.end()
      await t.size(server, 0)
      await t.join(server)
      assert.deepEqual(seen, [])
    },
  },
]
