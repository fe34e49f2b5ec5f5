import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { listen } from '../../support/port.mjs'

/** An HTTP server of the user's, with Vite as its middleware. */
async function host(t) {
  const http = createServer((req, res) => http.vite.middlewares(req, res))
  await listen(http)
  http.port = http.address().port
  t.hide(http.port, '<http port>')
  t.defer(() => {
    http.closeAllConnections()
    http.close()
  })
  return http
}

async function startOn(t, http, inline = {}, options = {}) {
  const server = await t.start(
    { ...inline, server: { middlewareMode: true, ...inline.server, hmr: { server: http } } },
    { listen: false, ...options },
  )
  http.vite = server
  server.port = http.port
  return server
}

export default [
  {
    name: 'middleware_user_server',
    covers: "in middleware mode the user's HTTP server carries the sockets",
    quick: true,
    async run(t) {
      const http = await host(t)
      const server = await startOn(t, http)
      assert.equal(http.listenerCount('upgrade'), 1)
      const client = await t.join(server)
      server.ws.send('my:event', 1)
      t.observe('frames', await t.drain(server, client))
      await t.stop(server)
      assert.equal((await t.within(client.closed, 'the cut')).code, 1006)
      assert.equal(http.listenerCount('upgrade'), 0)
      assert.equal(http.listening, true)
    },
  },
  {
    name: 'middleware_user_server_restart',
    covers: "a restart keeps one upgrade listener on the user's HTTP server",
    quick: true,
    async run(t) {
      const http = await host(t)
      const server = await startOn(t, http)
      const old = await t.join(server)
      await server.restart()
      assert.equal((await t.within(old.closed, 'the cut')).code, 1006)
      assert.equal(http.listenerCount('upgrade'), 1)
      t.assertEngine(server)
      t.hide(server.config.webSocketToken, '<token>')
      const client = await t.join(server)
      server.ws.send('my:event', 2)
      t.observe('frames', await t.drain(server, client))
    },
  },
  {
    name: 'restart_window_user_server',
    covers: "clients that connect during a restart on the user's HTTP server",
    uncaught: true,
    fresh: true,
    quick: true,
    async run(t) {
      const http = await host(t)
      let dial = null
      const server = await startOn(t, http, {
        plugins: [{ name: 'window', buildStart: () => dial?.() }],
      })
      const clients = []
      dial = async () => {
        for (let n = 0; n < 3; n += 1) clients.push(t.dial(server))
        await Promise.allSettled(clients.map((client) => t.within(client.opened, 'open', 5_000)))
      }
      await server.restart()
      assert.equal(clients.length > 0, true)
      dial = null
      // Vite's own: two listeners take the same socket, and the second throws in the event.
      t.observe('uncaught', t.uncaught)
      if (t.ours) assert.deepEqual(t.uncaught, [])
      if (t.ours) await t.join(server)
    },
    lingers: true,
  },
  {
    name: 'middleware_24678',
    covers: 'in middleware mode without a server, port 24678',
    exclusive: true,
    async run(t) {
      const server = await t.start({ server: { middlewareMode: true } }, { listen: false })
      const answer = () => t.get(server, '/', { port: 24678 })
      await t.until(
        () =>
          answer().then(
            ({ status }) => status === 426,
            () => false,
          ),
        'the port',
      )
      const client = await t.join(server, { port: 24678 })
      server.ws.send('my:event', 1)
      t.observe('frames', await t.drain(server, client))
      const { code } = await server.transformRequest('/@vite/client')
      t.observe('client', /const hmrPort = .*/.exec(code)[0])
      t.observe('errors', t.log.lines('error'))
      await t.stop(server)
      assert.equal((await t.within(client.closed, 'the cut')).code, 1006)
    },
  },
  {
    name: 'middleware_own_port',
    covers: 'in middleware mode with server.hmr.port',
    async run(t) {
      const port = await t.freePort()
      t.hide(port, '<ws port>')
      const server = await t.start(
        { server: { middlewareMode: true, hmr: { port } } },
        { listen: false },
      )
      await t.until(
        () =>
          t.join(server, { port }).then(
            () => true,
            () => false,
          ),
        'the port listens',
      )
      const { code } = await server.transformRequest('/@vite/client')
      t.observe('client', /const hmrPort = .*/.exec(code)[0])
    },
  },
  {
    name: 'two_handlers_one_server',
    covers: 'two Vite servers with different bases on one HTTP server',
    async run(t) {
      const http = await host(t)
      const one = await startOn(t, http, { base: '/one/' })
      const two = await startOn(t, http, { base: '/two/' })
      const clients = [await t.join(one), await t.join(two)]
      one.ws.send('from:one', 1)
      two.ws.send('from:two', 2)
      t.observe('one', await t.drain(one, clients[0]))
      t.observe('two', await t.drain(two, clients[1]))
      assert.equal(one.ws.clients.size, 1)
      const crossed = await t.upgrade(
        one,
        { Origin: 'http://localhost' },
        { path: `/one/?token=${two.config.webSocketToken}` },
      )
      assert.equal(await crossed.status(), 400)
      await t.stop(one)
      assert.equal((await t.within(clients[0].closed, 'the cut')).code, 1006)
      two.ws.send('still', 1)
      assert.equal((await clients[1].find('still')).data, 1)
      await t.join(two)
    },
  },
]
