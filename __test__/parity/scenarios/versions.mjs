import assert from 'node:assert/strict'
import { environments } from './majors.mjs'
import { load } from './updates.mjs'

const PART = (value) => `export const value = ${value}\nimport.meta.hot.accept()\n`

/** One hot update the whole way, from the file system's own event. */
async function hotUpdate(t, vite) {
  const server = await t.start({ server: { watch: {} } }, { vite })
  t.observe('version', (await t.vite(vite)).version)
  await t.until(() => server.watcher._readyEmitted !== false, 'the watcher is ready')
  await load(t, server)
  const client = await t.join(server, { origin: 'http://localhost' })
  server.project.write('part.js', PART(2))
  const { updates } = await client.find('update')
  assert.equal(updates[0].path, '/part.js')
  t.observe('update', updates)
  const refused = await t.upgrade(server, { Origin: 'http://evil.test' })
  t.observe('refusal', await refused.answer())
  await server.restart()
  t.assertEngine(server)
  assert.equal((await t.within(client.closed, 'the cut')).code, 1006)
  await t.join(server)
  t.observe('warnings', t.log.lines('warn'))
}

/** Ours must stay out, say so as often as wanted, and leave Vite's own server at work. */
async function staysOut(t, plugins, { warnings }) {
  const { before = [], after = [], plugin } = plugins
  const server = await t.start({ plugins: before }, { inert: true, after, plugin })
  assert.notEqual(server.ws.stats?.()?.engine, 'native')
  await load(t, server)
  const client = await t.join(server)
  t.edit(server, 'part.js', PART(2))
  await client.find('update')
  t.observe('frames', await t.drain(server, client))
  if (!t.ours) return
  const warned = t.log.lines('warn')
  assert.equal(warned.length, warnings.length, warned.join('\n'))
  for (const [n, about] of warnings.entries()) assert.match(warned[n], about)
}

/** A plugin around `createEnvironment`; a late one comes after every other's `configResolved`. */
function wrapping(name, { late }, wrap) {
  return {
    name,
    configResolved: {
      order: 'post',
      async handler(config) {
        if (late) for (let n = 0; n < 5; n += 1) await new Promise(setImmediate)
        for (const { dev } of Object.values(config.environments)) {
          const inner = dev.createEnvironment
          dev.createEnvironment = (...args) => wrap(inner, ...args)
        }
      },
    },
  }
}

export default [
  {
    name: 'watched_update',
    covers: 'a hot update from the file system, a refusal and a restart, on the newest version',
    quick: true,
    run: (t) => hotUpdate(t, `vite${t.major}`),
  },
  {
    name: 'lowest_version',
    covers: 'the same on the lowest supported version of each major',
    run: (t) => hotUpdate(t, `vite${t.major}-lowest`),
  },
  {
    name: 'renamed_options_version',
    covers: 'the same on Vite 8.1.0, which moved the options',
    majors: [8],
    why: 'Vite 8.1.0 moved the options',
    run: (t) => hotUpdate(t, 'vite8-renamed'),
  },
  {
    name: 'unknown_member',
    covers: "a member of Vite's server that we do not know: we stay out, with one warning",
    ...environments,
    quick: true,
    async run(t) {
      const grown = wrapping('grown', { late: true }, (inner, name, config, context) => {
        context.ws.subscribe ??= () => {}
        return inner(name, config, context)
      })
      await staysOut(t, { after: [grown] }, { warnings: [/subscribe.*[Uu]pdate/] })
    },
  },
  {
    name: 'context_without_ws',
    covers: 'a Vite that does not hand over its server: we stay out, with one warning',
    ...environments,
    quick: true,
    async run(t) {
      let ws
      const hides = wrapping('hides', { late: true }, (inner, name, config, context) => {
        ws = context.ws
        return inner(name, config, { ...context, ws: undefined })
      })
      // Vite's own factory still needs what ours did not get to see.
      const restores = wrapping('restores', { late: false }, (inner, name, config, context) =>
        inner(name, config, { ...context, ws }),
      )
      await staysOut(t, { before: [restores], after: [hides] }, { warnings: [/[Uu]pdate/] })
    },
  },
  {
    name: 'replaced_factory',
    covers: 'a plugin that makes the client environment itself: we stay out, with one warning',
    ...environments,
    async run(t) {
      const vite = await t.vite()
      const replaced = wrapping('replaced', { late: true }, (_, name, config, context) => {
        const transport = name === 'client' ? context.ws : undefined
        return new vite.DevEnvironment(name, config, { hot: true, transport })
      })
      await staysOut(t, { after: [replaced] }, { warnings: [/[Uu]pdate/] })
    },
  },
  {
    name: 'no_binary',
    covers: 'without the binary we stay out, and say how to get it',
    quick: true,
    async run(t) {
      const plugin = t.pluginOfCopy({ binary: false })
      await staysOut(t, { plugin }, { warnings: [/binary.*(install|VITE_NATIVE_WS=off)/is] })
    },
  },
  {
    name: 'switched_off',
    covers: 'VITE_NATIVE_WS=off: we stay out, without a word',
    async run(t) {
      process.env.VITE_NATIVE_WS = 'off'
      t.defer(() => {
        delete process.env.VITE_NATIVE_WS
      })
      await staysOut(t, {}, { warnings: [] })
    },
  },
  {
    name: 'build_and_preview',
    covers: 'build and preview are what they are without the plugin',
    async run(t) {
      const vite = await t.vite()
      const project = t.project()
      // Names without hashes: those depend on the folder.
      const names = { entryFileNames: '[name].js', assetFileNames: '[name][extname]' }
      const build = { write: false, minify: false, rollupOptions: { output: names } }
      const inline = t.config({ build }, { project, port: 0 })
      const { output } = await vite.build(inline)
      t.observe(
        'output',
        output.map(({ fileName, code, source }) => [fileName, code ?? source]),
      )
      project.write('dist/index.html', 'built')
      const port = await t.freePort()
      const server = await vite.preview({
        ...t.config({}, { project, port }),
        preview: { host: '127.0.0.1', port, strictPort: true },
      })
      t.defer(() => server.close())
      assert.equal((await t.get({ port }, '/')).body.includes('built'), true)
      t.observe('upgrade listeners', server.httpServer.listenerCount('upgrade'))
      t.observe('warnings', t.log.lines('warn'))
    },
  },
]
