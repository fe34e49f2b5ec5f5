// A dev server with this plugin.
import nativeWs from '../../lib/index.mjs'
import { startVite } from '../support/dev-server.mjs'
import { Project } from '../support/project.mjs'

/** @type {WeakMap<object, { config: any, options: any }>} */
const given = new WeakMap()

/**
 * @param {{ after(end: () => unknown): void }} t
 * @param {import('vite').InlineConfig} [config]
 * @param {import('../../index.js').NativeWsOptions} [options]
 */
export async function serve(t, config = {}, options = {}, vite) {
  const { root } = Project.make(t, {
    'index.html': '<script type="module" src="/main.js"></script>',
  })
  const started = await startVite(t, { root, ...config, plugins: [nativeWs(options)] }, { vite })
  const { server, port } = started
  given.set(server, { config, options })
  return { ...started, port, address: `http://127.0.0.1:${port}${config.base ?? ''}` }
}

/** Another server in the place of one, on its port: its token is another one. */
export async function restart(t, server, config = given.get(server).config) {
  const { port } = server.httpServer.address()
  await server.close()
  const { options } = given.get(server)
  const started = await serve(
    t,
    { ...config, server: { ...config.server, port, strictPort: true } },
    options,
  )
  return started.address
}
