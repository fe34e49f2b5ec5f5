import { symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Child } from '../support/child.mjs'
import { makeProject } from './project.mjs'

const packages = fileURLToPath(new URL('./frameworks/node_modules', import.meta.url))
const lib = fileURLToPath(new URL('../../lib/index.js', import.meta.url))
const START_MS = 45_000

/** What a configuration file needs to put our plugin, and a view of the engine, into `plugins`. */
export function prelude(t) {
  const plugin = t.ours
    ? `createRequire(import.meta.url)(${JSON.stringify(lib)}).default()`
    : 'null'
  return `import { createRequire } from 'node:module'
const nativeWs = ${plugin}
const view = {
  name: 'view',
  configureServer(server) {
    server.middlewares.use('/__engine', (req, res) => {
      const { engine = 'vite' } = server.ws.stats?.() ?? {}
      res.end(JSON.stringify({ engine, clients: server.ws.clients.size }))
    })
  },
}
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
    env: { ASTRO_TELEMETRY_DISABLED: '1', CI: 'true', NODE_ENV: undefined },
  })
  t.defer(() => {
    command.kill('SIGTERM')
    return command.exit
  })
  return command
}

/** A framework's own dev server, once it answers. */
export async function startApplication(t, files, command) {
  const project = makeApplication(t, files)
  const port = await t.freePort()
  const running = runCommand(t, project, [
    ...command,
    '--port',
    String(port),
    '--host',
    '127.0.0.1',
  ])
  const engine = () => t.get({ port }, '/__engine').then(({ body }) => JSON.parse(body))
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
  return { project, url: `http://127.0.0.1:${port}/`, engine, running }
}
