import { symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Child } from '../support/child.mjs'
import { makeProject } from './project.mjs'

const packages = fileURLToPath(new URL('./frameworks/node_modules', import.meta.url))
const lib = fileURLToPath(new URL('../../lib/index.js', import.meta.url))
const START_MS = 45_000
const ENVIRONMENT = {
  ASTRO_TELEMETRY_DISABLED: '1',
  CI: 'true',
  LARAVEL_BYPASS_ENV_CHECK: '1',
  NODE_ENV: undefined,
  NUXT_TELEMETRY_DISABLED: '1',
}

/** What makes `nativeWs()` in a configuration our plugin, or none, and a view of the engine. */
export function prelude(t) {
  const plugin = t.ours
    ? `createRequire(import.meta.url)(${JSON.stringify(lib)}).default()`
    : 'null'
  return `import { createRequire } from 'node:module'
const plugin = ${plugin}
const view = {
  name: 'view',
  // The packages are behind a link, outside of the project, and columns that run side by side
  // share them.
  config: () => ({ cacheDir: '.vite', server: { fs: { strict: false } } }),
  configureServer(server) {
    server.middlewares.use((req, res, next) => {
      if (!req.url.endsWith('/__engine')) return next()
      const { engine = 'vite' } = server.ws.stats?.() ?? {}
      res.end(JSON.stringify({ engine, clients: server.ws.clients.size }))
    })
  },
}
const nativeWs = () => [view, plugin]
`
}

/** A folder with these files and the packages of `frameworks/`. */
export function makeApplication(t, files) {
  const project = makeProject(files)
  t.hide(project.root, '<root>')
  t.defer(() => project.remove())
  symlinkSync(packages, project.path('node_modules'))
  return project
}

/** Runs a package's own command in the folder. */
export function runCommand(t, project, [script, ...args]) {
  const command = new Child(process.execPath, [`${packages}/${script}`, ...args], {
    cwd: project.root,
    env: ENVIRONMENT,
  })
  t.defer(() => {
    command.kill('SIGTERM')
    return command.exit
  })
  return command
}

/** A framework's own dev server, once it answers. Vite's paths are below its `base`. */
export async function startApplication(t, files, command, { base = '', port: given } = {}) {
  const project = makeApplication(t, files)
  const port = given ?? (await t.freePort())
  const running = runCommand(t, project, [
    ...command,
    '--port',
    String(port),
    '--host',
    '127.0.0.1',
  ])
  const get = (path) => t.get({ port }, `/${base}${path}`)
  const engine = () => get('__engine').then(({ body }) => JSON.parse(body))
  await t.until(
    async () => {
      if (!running.isAlive) throw new Error(`the dev server ended:\n${running.output}`)
      return engine().then(
        () => true,
        () => false,
      )
    },
    'the dev server answers',
    START_MS,
  )
  const { engine: name } = await engine()
  if (t.ours && name !== 'native') throw new Error('the server was not taken over')
  return { project, url: `http://127.0.0.1:${port}/`, get, engine, running }
}
