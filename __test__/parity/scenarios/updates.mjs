import assert from 'node:assert/strict'
import { PAGE } from '../project.mjs'

/** The browser's requests, so that the modules are in Vite's graph. */
export async function load(t, server, ...paths) {
  for (const path of ['/', '/main.js', '/part.js', '/style.css', ...paths]) {
    const headers = { accept: path === '/' ? 'text/html' : '*/*' }
    assert.equal((await t.get(server, path, { headers })).status, 200, path)
  }
}

const manifest = (name) =>
  JSON.stringify({ name, version: '1.0.0', type: 'module', main: 'index.js' })

export default [
  {
    name: 'css_update',
    covers: 'an edited CSS module is sent as an update',
    quick: true,
    async run(t) {
      const server = await t.start()
      await load(t, server)
      const client = await t.join(server)
      t.edit(server, 'style.css', 'b { color: blue }\n')
      const { updates } = await client.find('update')
      assert.deepEqual([updates[0].type, updates[0].path], ['js-update', '/style.css'])
      t.observe('frames', await t.drain(server, client))
    },
  },
  {
    name: 'css_link_update',
    covers: 'an edited linked style sheet is sent as a css-update',
    async run(t) {
      const server = await t.start()
      await load(t, server)
      await t.get(server, '/linked.css', { headers: { accept: 'text/css,*/*;q=0.1' } })
      const client = await t.join(server)
      t.edit(server, 'linked.css', 'a { color: blue }\n')
      const { updates } = await client.find('update')
      assert.equal(updates[0].type, 'css-update')
      assert.match(updates[0].path, /^\/linked\.css/)
      t.observe('frames', await t.drain(server, client))
    },
  },
  {
    name: 'js_update',
    covers: 'an edited module that accepts itself is sent to every client',
    quick: true,
    async run(t) {
      const server = await t.start()
      await load(t, server)
      const clients = [await t.join(server), await t.join(server)]
      for (const value of [2, 3]) {
        t.edit(server, 'part.js', `export const value = ${value}\nimport.meta.hot.accept()\n`)
        for (const client of clients) {
          assert.equal((await client.find('update')).updates[0].path, '/part.js')
        }
      }
      const [first, second] = await Promise.all(clients.map((client) => t.drain(server, client)))
      assert.deepEqual(first, second)
      t.observe('frames', first)
      t.observe('log', t.log.lines('info', 'hmr'))
    },
  },
  {
    name: 'full_reload',
    covers: 'an edited HTML page is sent as a full-reload',
    quick: true,
    async run(t) {
      const server = await t.start()
      await load(t, server)
      const client = await t.join(server)
      t.edit(server, 'index.html', PAGE.replace('body', 'body '))
      await client.find('full-reload')
      t.observe('frames', await t.drain(server, client))
      t.observe('log', t.log.lines('info', 'reload'))
    },
  },
  {
    name: 'prune',
    covers: 'modules that are no longer imported are pruned',
    async run(t) {
      const server = await t.start()
      await load(t, server)
      const client = await t.join(server)
      t.edit(server, 'main.js', 'console.log(1)\nimport.meta.hot.accept()\n')
      const { updates } = await client.find('update')
      await t.get(server, `/main.js?t=${updates[0].timestamp}`)
      const { paths } = await client.find('prune')
      assert.deepEqual(paths.sort(), ['/part.js', '/style.css'])
      t.observe('frames', await t.drain(server, client))
    },
  },
  {
    name: 'error_overlay',
    covers: 'a failed transform sends one error with message and stack',
    quick: true,
    async run(t) {
      const server = await t.start({}, { files: { 'broken.js': 'import "./missing.js"\n' } })
      const client = await t.join(server)
      const { status } = await t.get(server, '/broken.js')
      const { err } = await client.find('error')
      assert.match(err.message, /missing\.js/)
      assert.equal(typeof err.stack, 'string')
      t.observe('status', status)
      const errors = (await t.drain(server, client)).filter((frame) => frame.includes('"error"'))
      assert.equal(errors.length, 1)
      const { message, id, plugin } = err
      t.observe('error', { message, id, plugin, keys: Object.keys(err) })
    },
  },
  {
    name: 'dependency_reload',
    covers: 'dependencies that are optimised anew reload the page',
    async run(t) {
      const server = await t.start(
        { optimizeDeps: { noDiscovery: false, include: [], entries: [] } },
        {
          files: {
            'node_modules/dep-one/package.json': manifest('dep-one'),
            'node_modules/dep-one/index.js': 'export { shared } from "./shared.js"\n',
            'node_modules/dep-one/shared.js': 'export const shared = { one: Math.random() }\n',
            'node_modules/dep-two/package.json': manifest('dep-two'),
            'node_modules/dep-two/index.js': 'export { shared } from "dep-one/shared.js"\n',
            'package.json': '{"dependencies":{"dep-one":"1.0.0","dep-two":"1.0.0"}}',
            'one.js': 'import { shared } from "dep-one"\nconsole.log(shared)\n',
            'two.js': 'import { shared } from "dep-two"\nconsole.log(shared)\n',
          },
        },
      )
      const client = await t.join(server)
      const first = await t.get(server, '/one.js')
      assert.equal(first.status, 200)
      const dep = /"(\/[^"]*dep-one[^"]*)"/.exec(first.body)[1]
      assert.equal((await t.get(server, dep)).status, 200)
      // A second dependency that shares code with the first makes the old bundle invalid.
      const second = await t.get(server, '/two.js')
      const two = /"(\/[^"]*dep-two[^"]*)"/.exec(second.body)?.[1]
      const pending = two ? t.get(server, two) : null
      const reload = await client.find('full-reload')
      await pending?.catch(() => {})
      t.observe('reload', reload)
      t.observe('log', t.log.lines('info', 'reloading'))
    },
  },
]
