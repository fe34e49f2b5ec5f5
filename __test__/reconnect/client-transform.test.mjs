import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { startVite } from '../support/dev-server.mjs'
import { entry } from '../support/server.mjs'

const require = createRequire(import.meta.url)
const { CLIENT, patchClient } = require('../../lib/reconnect/client-transform.js')

/** Vite's clients that are installed here: the root's, and the parity suite's if it has run. */
const folders = [
  ...['5', '6', '7', '8'].flatMap((major) => [`vite${major}`, `vite${major}-lowest`]),
  'vite8-renamed',
].map((name) => new URL(`../parity/node_modules/${name}/`, import.meta.url))
const clients = [new URL('../../node_modules/vite/', import.meta.url), ...folders]
  .filter((folder) => existsSync(folder))
  .map((folder) => ({
    version: JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')).version,
    code: readFileSync(new URL('dist/client/client.mjs', folder), 'utf8'),
  }))

describe("Vite's client", () => {
  for (const { version, code } of clients) {
    it(`of ${version} gets the socket, and nothing in it moves`, () => {
      const patched = patchClient(code, 'socket')
      assert.equal(patched.slice(0, code.length), code)
      assert.match(patched.slice(code.length), /^function WebSocket\(url, protocol\) \{$/m)
      const args = ['--check', '--input-type=module']
      const { status, stderr } = spawnSync(process.execPath, args, { input: patched })
      assert.equal(status, 0, String(stderr))
    })

    it(`of ${version} is left alone when it is not as we know it`, () => {
      const changes = [
        code.replaceAll('"vite-hmr"', '"vite-hmr-2"'),
        code.replace('?token=', '?key='),
        code.replace('new WebSocket(', 'connect('),
        `${code}\nnew WebSocket("ws://x", "vite-hmr")`,
        `${code}\nconst protocol = 'vite-hmr'`,
        `${code}\nconsole.log(WebSocket.OPEN)`,
        patchClient(code, 'socket'),
        code.replaceAll('new WebSocket', 'new Socket'),
      ]
      for (const changed of changes) assert.equal(patchClient(changed, 'socket'), undefined)
    })
  }

  it('is known by its path, of Vite and of what stands in for it', () => {
    for (const name of ['vite/dist/client', '@voidzero-dev/vite-plus-core/dist/vite/client']) {
      assert.match(`/project/node_modules/${name}/client.mjs`, CLIENT)
    }
    assert.doesNotMatch('/project/src/client/client.mjs', CLIENT)
  })

  it('is patched for browsers alone, and not when `reconnect` is false', async (t) => {
    const patched = async (options, config = {}) => {
      const { server } = await startVite(t, {
        plugins: [entry.default(options)],
        server: { middlewareMode: true, ws: undefined, hmr: { port: 0 } },
        ...config,
      })
      const inBrowser = await server.environments.client.transformRequest('/@vite/client')
      const onServer = await server.environments.ssr.transformRequest('vite/dist/client/client.mjs')
      return [inBrowser, onServer].map((result) => Boolean(result?.code.includes('openResumable')))
    }
    assert.deepEqual(await patched(), [true, false])
    assert.deepEqual(await patched({ reconnect: { customEvents: true } }), [true, false])
    assert.deepEqual(await patched({ reconnect: false }), [false, false])
  })
})
