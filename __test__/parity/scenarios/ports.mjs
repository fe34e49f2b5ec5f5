import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { hmrOptions, pings, wsOptions } from './majors.mjs'

/** The injected client as text: its constants say where the browser will connect. */
async function clientCode(t, server, options) {
  const { body } = await t.get(server, `${server.config.base}@vite/client`, options)
  const names =
    'serverHost socketProtocol hmrPort socketHost directSocketHost base wsToken hmrTimeout'
  return names.split(' ').map((name) => {
    const found = new RegExp(`(?:const|let|var) ${name}\\b[^\\n]*`).exec(body)
    return found ? found[0] : `no ${name}`
  })
}

async function refused(t, server, port) {
  const client = t.dial(server, { port })
  await assert.rejects(t.within(client.opened, 'a refusal'))
}

export default [
  {
    name: 'separate_port',
    covers: 'server.hmr.port opens a port of its own, which answers 426 to plain requests',
    quick: true,
    async run(t) {
      const port = await t.freePort()
      t.hide(port, '<ws port>')
      const server = await t.start({ server: { hmr: { port } } })
      const plain = await t.get(server, '/', { port })
      t.observe('GET', { ...plain, headers: { ...plain.headers, date: '' } })
      assert.equal(plain.status, 426)
      const client = await t.join(server, { port, path: '/any/path', protocol: 'other' })
      assert.equal(client.socket.protocol, 'other')
      await t.join(server, { port, protocol: null })
      await t.size(server, 2)
      // With no listener Node takes an upgrade for an ordinary request.
      t.observe('listeners on the main port', server.httpServer.listenerCount('upgrade'))
      const main = await t.upgrade(server, {})
      assert.equal(await main.status(), 200)
      t.observe('frames', await t.drain(server, client))
      await server.close()
      assert.equal((await client.closed).code, 1006)
      await refused(t, server, port)
      server.stopped = true
    },
  },
  {
    name: 'separate_port_ping',
    covers: 'a port of its own answers pings only while the main server listens',
    ...pings,
    async run(t) {
      const port = await t.freePort()
      const server = await t.start({ server: { hmr: { port } } })
      const ping = { 'Sec-WebSocket-Protocol': 'vite-ping' }
      const answered = await t.upgrade(server, ping, { port })
      assert.equal(await answered.status(), 101)
      t.observe('while the main server listens', answered.head)
      server.httpServer.close()
      assert.equal(server.httpServer.listening, false)
      const cut = await t.upgrade(server, ping, { port })
      assert.equal(await cut.answer(), '')
      await t.join(server, { port })
    },
  },
  {
    name: 'odd_values',
    covers: 'values that Vite takes although they are of another type are read as Vite reads them',
    quick: true,
    async run(t) {
      const port = await t.freePort()
      t.hide(port, '<ws port>')
      for (const [name, server] of [
        ['a port as a string', { hmr: { port: String(port) } }],
        ['a port that is not a number', { hmr: { port: Number.NaN } }],
        ['an empty port', { hmr: { port: '' } }],
        ['a host that is false', { hmr: { host: false } }],
        ['an empty path', { hmr: { path: null } }],
        ['allowed hosts as a string', { allowedHosts: 'all' }],
        ['a list of hosts with a gap', { allowedHosts: ['x', undefined] }],
        ['no list of hosts', { allowedHosts: undefined }],
        ['hmr as null', { hmr: null }],
      ]) {
        const started = await t.start({ server }).catch((error) => error)
        if (started instanceof Error) {
          t.observe(name, `refused: ${started.message.split('\n', 1)[0]}`)
          continue
        }
        t.assertEngine(started)
        const client = await t
          .join(started, server.hmr?.port ? { port } : {})
          .catch(() => undefined)
        t.observe(name, client ? 'joined' : 'not joined')
        await started.close()
      }
      t.observe('log', t.log.lines('error'))
    },
  },
  {
    name: 'restart_separate_port',
    covers: 'a restart takes the separate port over again',
    async run(t) {
      const port = await t.freePort()
      t.hide(port, '<ws port>')
      const server = await t.start({ server: { hmr: { port } } })
      const client = await t.join(server, { port })
      await server.restart()
      assert.equal((await t.within(client.closed, 'the cut')).code, 1006)
      t.assertEngine(server)
      await t.join(server, { port })
      t.observe('errors', t.log.lines('error'))
      assert.deepEqual(t.log.lines('error'), [])
    },
  },
  {
    name: 'eaddrinuse',
    covers: 'a separate port that is taken is logged, and the dev server goes on',
    quick: true,
    async run(t) {
      const port = await t.freePort()
      t.hide(port, '<ws port>')
      const other = createServer().listen(port)
      await once(other, 'listening')
      t.defer(() => other.close())
      const server = await t.start({ server: { hmr: { port } } })
      await t.until(() => t.log.lines('error').length > 0, 'the error')
      assert.equal((await t.get(server, '/')).status, 200)
      t.observe('log', t.log.lines('error'))
      server.ws.send('nobody', 1)
      t.observe('clients', server.ws.clients.size)
      const end = await server.close().then(
        () => 'closed',
        (error) => error.message,
      )
      server.stopped = true
      t.observe('close', end)
    },
  },
  {
    name: 'same_port_as_server',
    covers: "server.hmr.port that is the server's own port",
    async run(t) {
      const port = await t.freePort()
      const server = await t.start({ server: { hmr: { port } } }, { port })
      await t.join(server)
      t.observe('client', await clientCode(t, server))
      t.observe('errors', t.log.lines('error'))
    },
  },
  {
    name: 'base_and_path',
    covers: 'the socket is at base plus server.hmr.path and nowhere else',
    quick: true,
    async run(t) {
      const server = await t.start({ base: '/app/', server: { hmr: { path: 'socket/here' } } })
      await t.join(server, { path: '/app/socket/here' })
      const wrong = {}
      for (const path of ['/', '/app/', '/socket/here', '/app/socket/here/']) {
        wrong[path] = await t.upgrade(server, {}, { path })
      }
      await t.get(server, '/app/')
      await (await t.join(server, { path: '/app/socket/here' })).end()
      for (const [path, { bytes }] of Object.entries(wrong)) t.observe(path, String(bytes))
      t.observe('client', await clientCode(t, server))
    },
  },
  {
    name: 'ws_options',
    covers: 'the options of server.ws, since Vite 8.1',
    ...wsOptions,
    async run(t) {
      const port = await t.freePort()
      t.hide(port, '<ws port>')
      const server = await t.start({
        server: { ws: { port, host: '127.0.0.1', clientPort: 4321, timeout: 1234 } },
      })
      await t.join(server, { port })
      assert.equal(server.config.server.ws.port, port)
      assert.equal(server.config.server.hmr.port, port)
      t.observe('client', await clientCode(t, server))
      t.observe('options', [server.config.server.ws, server.config.server.hmr])
    },
  },
  {
    // As Nuxt has it, for all majors at once.
    name: 'ws_options_unread',
    covers: 'before Vite 8.1 server.ws is not read',
    quick: true,
    ...hmrOptions,
    async run(t) {
      const port = await t.freePort()
      const server = await t.start({ server: { ws: { port, path: 'elsewhere' } } })
      const client = await t.join(server)
      server.ws.send('heard')
      await client.find('heard')
      const elsewhere = await fetch(`http://127.0.0.1:${port}`).then(
        ({ status }) => status,
        ({ cause }) => cause.code,
      )
      t.observe('the port that is not read', elsewhere)
    },
  },
  {
    name: 'client_code',
    covers: 'the constants in the injected client for every form of server.hmr',
    quick: true,
    async run(t) {
      const hmr = {
        clientPort: 4321,
        protocol: 'wss',
        timeout: 1234,
        overlay: false,
        host: 'h.test',
      }
      for (const option of [undefined, hmr, true, false]) {
        const server = await t.start({ server: { hmr: option } })
        const name = JSON.stringify(option) ?? 'default'
        t.observe(`client, ${name}`, await clientCode(t, server))
        t.observe(`config.server.hmr, ${name}`, server.config.server.hmr)
        t.observe(`config.server.ws, ${name}`, server.config.server.ws)
        await t.stop(server)
      }
    },
  },
  {
    name: 'ws_false',
    covers: 'server.ws: false leaves no WebSocket server and inert members',
    quick: true,
    async run(t) {
      const server = await t.start({ server: { ws: false } }, { inert: true })
      assert.equal(server.config.server.ws, false)
      assert.equal(server.ws.clients.size, 0)
      const main = await t.upgrade(server, {})
      assert.equal(await main.status(), 200)
      const { ws } = server
      t.observe('members', [ws.on('x', () => {}), ws.off('x'), ws.send('x'), ws.listen?.()])
      t.observe('handleInvoke', (await ws.handleInvoke?.({}))?.error?.message)
      t.observe('listeners', server.httpServer.listenerCount('upgrade'))
      t.observe('close', await ws.close())
      t.observe('warnings', t.log.lines('warn'))
    },
  },
  {
    name: 'hmr_false',
    covers: 'server.hmr: false still serves sockets, and which payloads are sent',
    quick: true,
    async run(t) {
      const server = await t.start({ server: { hmr: false } })
      const client = await t.join(server)
      const err = { message: 'e', stack: '' }
      for (const payload of [
        { type: 'update', updates: [] },
        { type: 'full-reload' },
        { type: 'prune', paths: [] },
        { type: 'ping' },
        { type: 'error', err },
        { type: 'custom', event: 'kept' },
        { type: 'connected' },
      ]) {
        server.ws.send(payload)
      }
      const [face] = server.ws.clients
      face.send({ type: 'full-reload', path: 'direct' })
      t.observe('frames', await t.drain(server, client))
      await client.end()
      await t.size(server, 0)
      server.ws.send({ type: 'full-reload' })
      const next = await t.join(server)
      t.observe('buffered', await t.drain(server, next))
    },
  },
]
