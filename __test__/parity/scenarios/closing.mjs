import assert from 'node:assert/strict'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Child } from '../../support/child.mjs'

const SERVER = fileURLToPath(new URL('../ending-server.mjs', import.meta.url))

/** A process that serves Vite and ends in its own way while clients are connected. */
async function serve(t, ending, clients) {
  const project = t.project()
  const port = await t.freePort()
  const args = [SERVER, t.major, t.column, ending, project.root, port].map(String)
  const env = { VITE_NATIVE_WS_TRANSPORT: process.env.VITE_NATIVE_WS_TRANSPORT }
  const child = new Child(process.execPath, args, { env, ipc: true })
  t.defer(() => child.kill('SIGKILL'))
  const ready = once(child.process, 'message').then(([message]) => message)
  const { token } = await t.within(Promise.race([ready, child.exit]), 'the process to serve')
  assert(token, child.stderr)
  const face = { port, config: { base: '/', webSocketToken: token } }
  const tabs = []
  for (let n = 0; n < clients; n += 1) tabs.push(await t.join(face))
  return { child, tabs }
}

export default [
  {
    name: 'close_clean',
    covers: 'ws.close() cuts every client with 1006 and takes the upgrade listener off',
    quick: true,
    async run(t) {
      const server = await t.start()
      const ended = []
      server.ws.on('connection', (socket) => socket.on('close', (...args) => ended.push(args[0])))
      const clients = [await t.join(server), await t.join(server), await t.join(server)]
      const { httpServer } = server
      t.observe('returns', await server.ws.close())
      for (const client of clients) {
        assert.deepEqual(await t.within(client.closed, 'the cut'), { code: 1006, reason: '' })
      }
      await t.until(() => ended.length === 3, 'the close events')
      t.observe('close events', ended)
      t.observe('tracked', server.ws.clients.size)
      t.observe('upgrade listeners', httpServer.listenerCount('upgrade'))
      t.observe('send after close', server.ws.send('nobody'))
      const again = await server.close().then(
        () => 'closed',
        (error) => error.message,
      )
      server.stopped = true
      t.observe('close of the Vite server after that', again)
    },
  },
  {
    name: 'close_with_clients',
    covers: 'closing the dev server ends its clients and its HTTP server',
    quick: true,
    async run(t) {
      const server = await t.start()
      const clients = [await t.join(server), await t.join(server)]
      const { httpServer } = server
      await t.stop(server)
      for (const client of clients) assert.equal((await client.closed).code, 1006)
      t.observe('upgrade listeners', httpServer.listenerCount('upgrade'))
      assert.equal(httpServer.listening, false)
      t.observe('tracked', server.ws.clients.size)
    },
  },
  {
    name: 'close_before_listen',
    covers: 'closing a server that never listened',
    quick: true,
    async run(t) {
      const server = await t.start({}, { listen: false })
      await t.stop(server)
      const separate = await t.start(
        { server: { hmr: { port: await t.freePort() } } },
        { listen: false },
      )
      // Vite's own rejects where its own HTTP server never listened; neither may hang or crash.
      const end = await separate.close().then(
        () => 'closed',
        (error) => error.message,
      )
      separate.stopped = true
      t.observe('separate port', end)
    },
  },
  {
    name: 'close_twice',
    covers: 'closing twice, one after another and at once',
    async run(t) {
      const server = await t.start()
      await t.join(server)
      await server.ws.close()
      const second = await server.ws.close().then(
        () => 'closed',
        (error) => error.message,
      )
      t.observe('second', second)
      await server.close().catch(() => {})
      server.stopped = true
      const other = await t.start()
      const ends = await Promise.allSettled([other.close(), other.close()])
      other.stopped = true
      t.observe(
        'both at once',
        ends.map(({ status, reason }) => [status, reason?.message]),
      )
    },
  },
  {
    name: 'listen_twice',
    covers: 'ws.listen() called again',
    async run(t) {
      const server = await t.start()
      t.observe('listen returns', server.ws.listen())
      const client = await t.join(server)
      server.ws.send('one')
      t.observe('frames', await t.drain(server, client))
    },
  },
  {
    name: 'process_exit',
    covers: 'a process ends by close, exit or signal, and what its clients still get',
    quick: true,
    async run(t) {
      for (const [ending, clients] of [
        ['close', 0],
        ['close', 2],
        ['exit', 2],
        ['signal', 2],
      ]) {
        const { child, tabs } = await serve(t, ending, clients)
        if (ending === 'signal') child.kill('SIGTERM')
        else child.process.send('now')
        const { code, signal } = await t.within(child.exit, `the process to end by ${ending}`)
        const codes = []
        for (const tab of tabs) codes.push((await t.within(tab.closed, 'the cut')).code)
        const heard = tabs.map(({ frames }) => frames.filter((frame) => frame.includes('farewell')))
        t.observe(`${ending} with ${clients}`, { code, signal, codes, heard, errors: child.stderr })
        if (ending !== 'signal') assert.equal(code, 0, child.stderr)
      }
    },
  },
  {
    name: 'held_alive',
    covers: 'a live client keeps the process alive, and nothing else does',
    quick: true,
    async run(t) {
      // Only the clients hold this process: its HTTP server has stopped listening.
      const { child, tabs } = await serve(t, 'unlisten', 1)
      child.process.send('now')
      await tabs[0].find('unlistened')
      tabs[0].emit('are:you:there')
      await tabs[0].find('still:here')
      await tabs[0].end()
      const { code } = await t.within(child.exit, 'the process to end with its last client')
      t.observe('code', code)
      assert.equal(code, 0, child.stderr)
    },
  },
]
