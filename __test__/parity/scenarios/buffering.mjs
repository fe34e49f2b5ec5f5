import assert from 'node:assert/strict'

const error = (message) => ({ type: 'error', err: { message, stack: '' } })

export default [
  {
    name: 'error_buffered',
    covers: 'an error without clients waits for the first client, once',
    quick: true,
    async run(t) {
      const server = await t.start({}, { files: { 'broken.js': 'import "./missing.js"\n' } })
      await t.get(server, '/broken.js')
      const first = await t.join(server)
      assert.match((await first.next()).err.message, /missing\.js/)
      const types = (frames) => frames.map((frame) => JSON.parse(frame).type)
      const seen = await t.drain(server, first)
      assert.deepEqual(types(seen), ['connected', 'error'])
      const second = await t.join(server)
      assert.deepEqual(await t.drain(server, second), ['{"type":"connected"}'])
      await Promise.all([first.end(), second.end()])
      await t.size(server, 0)
      const third = await t.join(server)
      t.observe('a third after all left', await t.drain(server, third))
    },
  },
  {
    name: 'error_buffer_last_wins',
    covers: 'of several errors without clients the last one waits',
    quick: true,
    async run(t) {
      const server = await t.start()
      server.ws.send(error('first'))
      server.ws.send(error('last'))
      const client = await t.join(server)
      const frames = await t.drain(server, client)
      assert.deepEqual(frames, ['{"type":"connected"}', JSON.stringify(error('last'))])
      t.observe('frames', frames)
    },
  },
  {
    name: 'reload_buffered',
    covers: 'of what is sent without clients only a full-reload waits, since Vite 8',
    quick: true,
    async run(t) {
      const server = await t.start()
      server.ws.send({ type: 'update', updates: [] })
      server.ws.send({ type: 'full-reload', path: '/a.html' })
      server.ws.send({ type: 'full-reload', path: '/b.html' })
      server.ws.send({ type: 'prune', paths: [] })
      server.ws.send('my:event', 1)
      const client = await t.join(server)
      const frames = await t.drain(server, client)
      const kept = t.major >= 8 ? ['{"type":"full-reload","path":"/b.html"}'] : []
      assert.deepEqual(frames, ['{"type":"connected"}', ...kept])
    },
  },
  {
    name: 'buffer_of_both',
    covers: 'an error and a full-reload without clients, in either order',
    async run(t) {
      for (const order of [
        ['full-reload', 'error'],
        ['error', 'full-reload'],
      ]) {
        const server = await t.start()
        for (const type of order) server.ws.send(type === 'error' ? error('e') : { type })
        const client = await t.join(server)
        t.observe(order.join(' then '), await t.drain(server, client))
      }
    },
  },
  {
    name: 'buffer_and_invalid',
    covers: 'what waits is serialised when it is sent, not when a client comes',
    async run(t) {
      const server = await t.start()
      const cyclic = error('cyclic')
      cyclic.err.self = cyclic
      let thrown = null
      try {
        server.ws.send(cyclic)
      } catch (caught) {
        thrown = caught.name
      }
      t.observe('cyclic error with no client', thrown)
      server.ws.send(error('plain'))
      const payload = error('changed later')
      server.ws.send(payload)
      payload.err.message = 'changed'
      const client = await t.join(server)
      t.observe('frames', await t.drain(server, client))
    },
  },
  {
    name: 'buffer_order',
    covers: 'the order of connect event, greeting, waiting messages and connection listener',
    quick: true,
    async run(t) {
      const server = await t.start()
      const order = []
      server.ws.on('vite:client:connect', (data, client) => {
        order.push('connect event')
        client.send('from:connect', data ?? null)
      })
      server.ws.on('connection', (socket) => {
        order.push('connection listener')
        socket.send('"from connection"')
      })
      server.ws.send(error('buffered'))
      const client = await t.connect(server)
      const frames = await t.drain(server, client)
      t.observe('order', order)
      t.observe('frames', frames)
      const connect = t.major >= 7 ? ['{"type":"custom","event":"from:connect","data":null}'] : []
      assert.deepEqual(frames, [
        ...connect,
        '{"type":"connected"}',
        JSON.stringify(error('buffered')),
        '"from connection"',
      ])
    },
  },
]
