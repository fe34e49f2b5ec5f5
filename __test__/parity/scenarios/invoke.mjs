import assert from 'node:assert/strict'
import { bundledDev, consoles, environments } from './majors.mjs'

const RUN = (value) =>
  `export const value = ${value}\nif (import.meta.hot) import.meta.hot.accept()\n`

/** A second environment that speaks over the same server, as the environment guide shows. */
async function shared(t) {
  const vite = await t.vite()
  return {
    extra: {
      dev: {
        createEnvironment: (name, config, context) =>
          new vite.DevEnvironment(name, config, { hot: true, transport: context.ws }),
      },
    },
  }
}

export default [
  {
    name: 'invoke',
    covers:
      'vite:invoke reaches the environments that share the server, and only the asker is answered',
    ...environments,
    quick: true,
    async run(t) {
      const server = await t.start(
        { environments: await shared(t) },
        { files: { 'run.js': RUN(1) } },
      )
      assert.equal(server.environments.extra.hot, server.ws)
      const ask = (name, id, data) => ({
        type: 'custom',
        event: 'vite:invoke',
        data: { name, id, data },
      })
      const { hot } = server.environments.extra
      const good = await hot.handleInvoke(ask('fetchModule', 'send', ['/run.js']))
      assert.match(good.result.code, /value/)
      t.observe('handleInvoke', { keys: Object.keys(good.result).sort(), url: good.result.url })
      const bad = await hot.handleInvoke(ask('fetchModule', 'send', ['/none.js']))
      t.observe('handleInvoke of nothing', bad.error?.message)
      const unknown = await hot
        .handleInvoke(ask('nothing', 'send', []))
        .catch((error) => ({ thrown: String(error) }))
      // The text names a variable of Vite's source.
      const refusal = unknown.thrown ?? unknown.error.message
      t.observe('handleInvoke of an unknown name', /is not a function/.test(refusal))
      const client = await t.join(server)
      client.send(ask('fetchModule', 'send:1', ['/run.js']))
      const answers = [await client.find('vite:invoke'), await client.find('vite:invoke')]
      t.observe(
        'over the socket',
        answers
          .map(({ data }) => [data.name, data.id, Object.keys(data.data), data.data.error?.message])
          .sort(),
      )
      const other = await t.join(server)
      assert.equal((await t.drain(server, other)).length, 1)
    },
  },
  {
    name: 'invoke_third_argument',
    covers: 'listeners get what Vite gives them as the third argument',
    async run(t) {
      const server = await t.start()
      const heard = []
      server.ws.on('my:event', (...args) => heard.push(args.map((one) => typeof one)))
      const client = await t.join(server)
      client.send({ type: 'custom', event: 'my:event', data: 1, invoke: 'send:1' })
      client.send({ type: 'custom', event: 'my:event', data: 1 })
      await t.flush(server, client)
      t.observe('arguments', heard)
    },
  },
  {
    name: 'module_runner',
    covers: 'a module runner works over the socket and is updated',
    ...environments,
    quick: true,
    async run(t) {
      const server = await t.start(
        { environments: await shared(t) },
        { files: { 'run.js': RUN(1) } },
      )
      const { ModuleRunner, ESModulesEvaluator } = await t.vite(`vite${t.major}/module-runner`)
      const client = await t.join(server)
      const transport = {
        connect({ onMessage }) {
          client.socket.on('message', (text) => {
            const payload = JSON.parse(String(text))
            // Both environments answer; the client's own refuses (CVE-2026-39363).
            const refusal = payload.data?.data?.error?.message?.includes('disabled')
            if (!refusal) onMessage(payload)
          })
        },
        send: (payload) => client.send(payload),
      }
      const runner = new ModuleRunner(
        { transport, hmr: { logger: false }, sourcemapInterceptor: false },
        new ESModulesEvaluator(),
      )
      t.defer(() => runner.close())
      assert.equal((await runner.import('/run.js')).value, 1)
      t.edit(server, 'run.js', RUN(2))
      await client.find('update')
      await t.until(async () => (await runner.import('/run.js')).value === 2, 'the runner updated')
    },
  },
  {
    name: 'ssr_runner',
    covers: 'module runners in the same process are updated beside the browser',
    async run(t) {
      const server = await t.start({}, { files: { 'run.js': RUN(1) } })
      assert.equal((await server.ssrLoadModule('/run.js')).value, 1)
      const vite = await t.vite()
      const runner = vite.createServerModuleRunner?.(server.environments.ssr)
      if (runner) {
        t.defer(() => runner.close())
        assert.equal((await runner.import('/run.js')).value, 1)
      }
      const client = await t.join(server)
      t.edit(server, 'run.js', RUN(2))
      const current = () => runner?.import('/run.js') ?? server.ssrLoadModule('/run.js')
      await t.until(async () => (await current()).value === 2, 'the new value')
      t.observe('the browser sees', await t.drain(server, client))
    },
  },
  {
    name: 'forward_console',
    covers: "what a browser's console says is logged by the server",
    ...consoles,
    async run(t) {
      const server = await t.start({ server: { forwardConsole: true } })
      const client = await t.join(server)
      const log = { level: 'warn', message: 'from the browser' }
      client.emit('vite:forward-console', { type: 'log', data: log })
      const error = { name: 'Error', message: 'thrown there', stack: '' }
      client.emit('vite:forward-console', { type: 'error', data: error })
      await t.flush(server, client)
      t.observe('log', [t.log.lines('warn'), t.log.lines('error')])
      assert.match(t.log.lines('warn').join(), /from the browser/)
      assert.match(t.log.lines('error').join(), /thrown there/)
    },
  },
  {
    name: 'bundled_dev',
    covers: 'bundled dev serves, updates and reloads the tab that asks',
    ...bundledDev,
    quick: true,
    async run(t) {
      const server = await t.start({
        experimental: { bundledDev: true },
        server: { watch: {} },
      })
      const client = await t.connect(server)
      client.emit('vite:client-connected', { clientId: 'tab-one' })
      await t.flush(server, client)
      const page = () => t.get(server, '/', { headers: { accept: 'text/html' } })
      await t.until(async () => (await page()).body.includes('assets/'), 'the first bundle')
      const script = /src="([^"]+\.js)"/.exec((await page()).body)[1]
      assert.equal((await t.get(server, script)).status, 200)
      t.observe('types', [...new Set(client.payloads.map(({ type }) => type))])
      const other = await t.join(server)
      other.emit('vite:client-connected', { clientId: 'tab-two' })
      other.emit('vite:bundled-dev:reload-needed', { reason: 'because' })
      await other.find('full-reload')
      assert.equal(
        (await t.drain(server, client)).filter((text) => text.includes('"path":"*"}')).length,
        0,
      )
    },
  },
  {
    name: 'bundled_dev_error_replay',
    covers: 'bundled dev tells a second tab of a build error again',
    ...bundledDev,
    async run(t) {
      const server = await t.start(
        { experimental: { bundledDev: true } },
        { files: { 'part.js': 'export const value = (\n' } },
      )
      await t.until(() => t.log.lines('error', 'Build error').length > 0, 'the build error')
      const first = await t.connect(server)
      await first.find('connected')
      const client = await t.connect(server)
      assert.equal((await client.next()).type, 'error')
      assert.deepEqual(await client.next(), { type: 'connected' })
      t.observe(
        'first',
        first.payloads.map(({ type }) => type),
      )
    },
  },
]
