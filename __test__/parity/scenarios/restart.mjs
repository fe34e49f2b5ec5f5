import assert from 'node:assert/strict'

const NEVER = () => new Promise(() => {})

export default [
  {
    name: 'restart',
    covers: 'a restart cuts the clients, changes the token and forgets listeners',
    quick: true,
    async run(t) {
      const server = await t.start()
      for (const forced of [false, true]) {
        const before = { ws: server.ws, token: server.config.webSocketToken }
        const heard = []
        server.ws.on('my:event', () => heard.push('old'))
        const client = await t.join(server)
        await server.restart(forced)
        const { code, reason } = await t.within(client.closed, 'the cut')
        assert.deepEqual([code, reason], [1006, ''])
        t.assertEngine(server)
        assert.notEqual(server.ws, before.ws)
        assert.notEqual(server.config.webSocketToken, before.token)
        assert.equal(server.httpServer.listenerCount('upgrade') >= 1, true)
        const again = await t.join(server)
        again.emit('my:event')
        await t.flush(server, again)
        assert.deepEqual(heard, [])
        t.observe(`frames after, forced ${forced}`, await t.drain(server, again))
        t.observe(`old clients, forced ${forced}`, before.ws.clients.size)
      }
      t.observe(
        'log',
        t.log.entries.map(({ level, text }) => `${level} ${text}`),
      )
    },
  },
  {
    name: 'restart_fails',
    covers: 'a restart that fails leaves the old server at work',
    quick: true,
    async run(t) {
      let fail = false
      const server = await t.start({
        plugins: [
          {
            name: 'fails',
            configureServer() {
              if (fail) throw new Error('on purpose')
            },
          },
        ],
      })
      const client = await t.join(server)
      fail = true
      await server.restart()
      fail = false
      t.assertEngine(server)
      server.ws.send('my:event', 1)
      assert.equal((await client.find('my:event')).data, 1)
      const next = await t.join(server)
      t.observe('frames', await t.drain(server, next))
      t.observe('listeners', server.httpServer.listenerCount('upgrade'))
      t.observe(
        'errors',
        t.log.lines('error').map((text) => text.split('\n')[0]),
      )
    },
  },
  {
    name: 'restart_many',
    covers: 'many restarts leave no listeners behind',
    async run(t) {
      const server = await t.start()
      for (let n = 0; n < 4; n += 1) {
        const client = await t.join(server)
        await server.restart()
        await t.within(client.closed, 'the cut')
      }
      await t.join(server)
      t.observe('listeners', server.httpServer.listenerCount('upgrade'))
      t.observe('warnings', t.log.lines('warn'))
    },
  },
  {
    name: 'connect_during_start',
    covers: 'clients that dial while the server starts are served',
    quick: true,
    async run(t) {
      const clients = []
      let dialling = true
      const server = await t.start({
        plugins: [
          {
            name: 'dials',
            configureServer(server) {
              server.port = server.config.server.port
              const dial = () => {
                if (!dialling) return
                const client = t.dial(server)
                clients.push(client)
                client.closed.then(() => setImmediate(dial))
              }
              for (let n = 0; n < 5; n += 1) dial()
            },
          },
        ],
      })
      await t.until(() => clients.filter(isOpen).length === 5, 'five clients are open')
      dialling = false
      await t.size(server, 5)
      server.ws.send('my:event', 1)
      for (const client of clients.filter(isOpen)) {
        assert.equal((await client.find('my:event')).data, 1)
        assert.equal(client.payloads[0].type, 'connected')
      }
    },
  },
  {
    name: 'close_during_connect',
    covers: 'closing while clients connect ends all of them',
    async run(t) {
      const server = await t.start()
      const clients = Array.from({ length: 10 }, () => t.dial(server))
      await t.within(clients[0].opened, 'one to open')
      await t.stop(server)
      for (const client of clients) {
        const { code } = await t.within(Promise.race([client.closed, NEVER()]), 'its end')
        assert.equal(code, 1006)
      }
      assert.equal(server.ws.clients.size, 0)
    },
  },
]

function isOpen(client) {
  return client.socket.readyState === 1
}
