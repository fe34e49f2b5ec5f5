import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const exiting = fileURLToPath(new URL('../exiting.mjs', import.meta.url))

/** A process that serves Vite and ends in its own way while clients are connected. */
async function serve(t, ending, clients) {
  const project = t.project()
  const port = await t.freePort()
  const child = fork(exiting, [t.major, t.column, ending, project.root, port].map(String), {
    silent: true,
  })
  t.defer(() => child.kill('SIGKILL'))
  let err = ''
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const exit = new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  const told = new Promise((resolve) => child.once('message', resolve))
  const started = await t.within(Promise.race([told, exit]), 'the process to serve')
  assert(started.token, err)
  const { token } = started
  const face = { port, config: { base: '/', webSocketToken: token } }
  const tabs = []
  for (let n = 0; n < clients; n += 1) tabs.push(await t.join(face))
  return { child, exit, tabs, errors: () => err }
}

export default [
  {
    name: 'close_clean',
    covers: '31',
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
    covers: '31',
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
    covers: '31',
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
    covers: '31',
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
    covers: '7',
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
    covers: '31',
    quick: true,
    async run(t) {
      for (const [ending, clients] of [
        ['close', 0],
        ['close', 2],
        ['exit', 2],
        ['signal', 2],
      ]) {
        const { child, exit, tabs, errors } = await serve(t, ending, clients)
        if (ending === 'signal') child.kill('SIGTERM')
        else child.send('now')
        const { code, signal } = await t.within(exit, `the process to end by ${ending}`)
        const codes = []
        for (const tab of tabs) codes.push((await t.within(tab.closed, 'the cut')).code)
        const heard = tabs.map(({ frames }) => frames.filter((frame) => frame.includes('farewell')))
        t.observe(`${ending} with ${clients}`, { code, signal, codes, heard, errors: errors() })
        if (ending !== 'signal') assert.equal(code, 0, errors())
      }
    },
  },
  {
    name: 'held_alive',
    covers: '31',
    quick: true,
    async run(t) {
      // Only the clients hold this process: its HTTP server has stopped listening.
      const { child, exit, tabs, errors } = await serve(t, 'unlisten', 1)
      child.send('now')
      await tabs[0].find('unlistened')
      tabs[0].emit('are:you:there')
      await tabs[0].find('still:here')
      await tabs[0].end()
      const { code } = await t.within(exit, 'the process to end with its last client')
      t.observe('code', code)
      assert.equal(code, 0, errors())
    },
  },
]
