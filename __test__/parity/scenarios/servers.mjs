import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import basicSsl from '@vitejs/plugin-basic-ssl'
import { selfSigned } from '../../support/certificate.mjs'

/** Plugins that bring the certificate, each in its own hook, and none of them at once. */
const CERTIFIERS = [
  {
    name: 'basic_ssl',
    who: '@vitejs/plugin-basic-ssl, in an async configResolved',
    make: (folder) => basicSsl({ certDir: folder }),
  },
  {
    name: 'async_config',
    who: 'an async config hook, as of vite-plugin-mkcert',
    make: async () => {
      const https = await selfSigned()
      const config = async () => {
        await setImmediate()
        return { server: { https } }
      }
      return { name: 'test:certificate', config }
    },
  },
]

/** Where the socket listens: HTTP/2 with Vite, HTTP/1 with Vite, or by itself. */
const PLACES = [
  { place: 'shared', where: "on Vite's server", options: () => ({}) },
  {
    place: 'proxied',
    where: "on Vite's server with a proxy",
    options: () => ({ proxy: { '/nowhere': 'http://127.0.0.1:9' } }),
  },
  { place: 'port', where: 'on a port of its own', options: (port) => ({ hmr: { port } }) },
  {
    place: 'middleware',
    where: 'in middleware mode',
    options: (port) => ({ middlewareMode: true, hmr: { port } }),
  },
]

export default [
  {
    name: 'two_servers',
    covers: 'two servers in one process do not hear or end each other',
    quick: true,
    async run(t) {
      const one = await t.start()
      const two = await t.start()
      const heard = []
      one.ws.on('my:event', () => heard.push('one'))
      two.ws.on('my:event', () => heard.push('two'))
      const clients = [await t.join(one), await t.join(two)]
      clients[0].emit('my:event')
      await t.flush(one, clients[0])
      two.ws.send('only:two')
      t.observe('one', await t.drain(one, clients[0]))
      t.observe('two', await t.drain(two, clients[1]))
      assert.deepEqual(heard, ['one'])
      await t.stop(one)
      two.ws.send('after')
      await clients[1].find('after')
    },
  },
  {
    name: 'two_servers_shared_plugin',
    covers: 'one plugin object used by two servers',
    async run(t) {
      const [plugin] = t.plugin()
      const plugins = plugin ? [plugin] : []
      const one = await t.start({ plugins }, { plugin: [] })
      const two = await t.start({ plugins }, { plugin: [] })
      assert.notEqual(one.ws, two.ws)
      const clients = [await t.join(one), await t.join(two)]
      await one.restart()
      assert.equal((await t.within(clients[0].closed, 'the cut')).code, 1006)
      t.assertEngine(one)
      two.ws.send('to:two')
      await clients[1].find('to:two')
      const again = await t.join(one)
      one.ws.send('to:one')
      t.observe('one', await t.drain(one, again))
      t.observe('warnings', t.log.lines('warn'))
    },
  },
  {
    name: 'plugin_listed_twice',
    covers: 'the plugin listed twice takes the server over once',
    async run(t) {
      const server = await t.start({ plugins: [...t.plugin(), ...t.plugin()] })
      const client = await t.join(server)
      server.ws.send('once')
      t.observe('frames', await t.drain(server, client))
      t.observe('listeners', server.httpServer.listenerCount('upgrade'))
      t.observe('warnings', t.log.lines('warn'))
      await server.restart()
      t.assertEngine(server)
      await t.join(server)
    },
  },
  {
    name: 'two_copies',
    covers: 'two installed copies of the package take the server over once',
    quick: true,
    async run(t) {
      const server = await t.start({ plugins: t.pluginOfCopy({ binary: true }) })
      const heard = []
      server.ws.on('my:event', () => heard.push('heard'))
      const client = await t.join(server)
      client.emit('my:event')
      await t.flush(server, client)
      server.ws.send('once')
      t.observe('heard', heard)
      t.observe('frames', await t.drain(server, client))
      t.observe('listeners', server.httpServer.listenerCount('upgrade'))
      t.observe('warnings', t.log.lines('warn'))
    },
  },
  {
    name: 'https',
    covers: 'over TLS: handshake, refusals, large messages and the end',
    quick: true,
    async run(t) {
      const server = await t.start({ server: { https: await selfSigned() } })
      const raw = await t.upgrade(server, {}, { secure: true })
      assert.equal(await raw.status(), 101)
      t.observe('101', raw.head)
      const refused = await t.upgrade(server, { Origin: 'https://x.test' }, { secure: true })
      t.observe('refusal', await refused.answer())
      raw.socket.destroy()
      const client = await t.join(server, { secure: true })
      await t.size(server, 1)
      await talk(t, server, client)
      await t.stop(server)
      assert.equal((await t.within(client.closed, 'the cut')).code, 1006)
    },
  },
  {
    name: 'https_with_proxy',
    covers: 'over TLS with server.proxy, which makes the server HTTP/1',
    async run(t) {
      const https = await selfSigned()
      const proxy = { '/nowhere': 'http://127.0.0.1:9' }
      const server = await t.start({ server: { https, proxy } })
      const client = await t.join(server, { secure: true })
      await talk(t, server, client)
    },
  },
  {
    name: 'https_separate_port',
    covers: 'over TLS on a port of its own',
    quick: true,
    async run(t) {
      const port = await t.freePort()
      const https = await selfSigned()
      const server = await t.start({ server: { https, hmr: { port } } })
      assert.equal((await t.get(server, '/', { port, secure: true })).status, 426)
      const client = await t.join(server, { port, secure: true })
      await talk(t, server, client)
      await t.stop(server)
      assert.equal((await t.within(client.closed, 'the cut')).code, 1006)
    },
  },
  {
    name: 'https_files',
    covers: 'over TLS with key and certificate as files',
    async run(t) {
      const { key, cert } = await selfSigned()
      const project = t.project({ 'key.pem': key, 'cert.pem': cert })
      const https = { key: project.path('key.pem'), cert: project.path('cert.pem') }
      const port = await t.freePort()
      const server = await t.start({ server: { https, hmr: { port } } }, { project })
      await talk(t, server, await t.join(server, { port, secure: true }))
    },
  },
  ...CERTIFIERS.flatMap(({ name, who, make }) =>
    PLACES.map(({ place, where, options }) => ({
      name: `https_${name}_${place}`,
      covers: `over TLS ${where}, the certificate from ${who}`,
      async run(t) {
        const port = await t.freePort()
        const certifier = await make(t.project().root)
        const inline = { plugins: [certifier], server: options(port) }
        const server = await t.start(inline, { listen: !inline.server.middlewareMode })
        const own = inline.server.hmr ? { port } : {}
        await talk(t, server, await t.join(server, { ...own, secure: true }))
      },
    })),
  ),
]

async function talk(t, server, client) {
  const heard = []
  server.ws.on('my:event', (data) => heard.push(data.length))
  for (const size of [10, 70_000, 1_000_000]) {
    client.emit('my:event', 'x'.repeat(size))
    server.ws.send('back', 'y'.repeat(size))
  }
  await t.flush(server, client)
  t.observe('heard', heard)
  t.observe(
    'lengths',
    (await t.drain(server, client)).map((text) => text.length),
  )
}
