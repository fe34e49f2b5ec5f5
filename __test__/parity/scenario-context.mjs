import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Client } from '../support/client.mjs'
import { until, within } from '../support/deadline.mjs'
import { inlineConfig } from '../support/dev-server.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { fetchText } from '../support/http.mjs'
import { KeptLog } from '../support/logger.mjs'
import { isFree } from '../support/port.mjs'
import { RawSocket } from '../support/raw-socket.mjs'
import { AGAIN, COLUMNS, isOurs, MAJORS } from './axes.mjs'
import { Normalizer } from './normalizer.mjs'
import { makeProject } from './project.mjs'

const require = createRequire(import.meta.url)

const CLEANUP_MS = 10_000
const FIRST_PORT = 10_000
const PORTS_A_COLUMN = 900
let nextPort = process.pid

function firstPort({ major, column }) {
  const columns = [...COLUMNS, AGAIN]
  const cell = MAJORS.indexOf(major) * columns.length + columns.indexOf(column)
  return FIRST_PORT + cell * PORTS_A_COLUMN
}

/** What one scenario works with: what it starts here is ended here, in reverse order. */
export class ScenarioContext {
  observations = {}
  uncaught = []
  log = new KeptLog()
  leftovers = []
  #normalizer = new Normalizer()
  #ends = []

  constructor({ major, column }) {
    this.major = major
    this.column = column
    this.ours = isOurs(column)
  }

  observe(key, value) {
    assert(!(key in this.observations), `"${key}" is observed twice`)
    this.observations[key] = JSON.parse(JSON.stringify(this.#normalizer.clear(value)))
  }

  hide(text, name) {
    this.#normalizer.hide(text, name)
  }

  defer(end) {
    this.#ends.push(end)
  }

  async vite(name = `vite${this.major}`) {
    return import(name)
  }

  /** The plugin list that makes the server ours; empty in Vite's own column. */
  plugin(options) {
    if (!this.ours) return []
    const loaded = require('../../lib/index.js')
    return [(loaded.default ?? loaded)(options)]
  }

  /** The plugin of another copy of the package, as a second install in a workspace would be. */
  pluginOfCopy({ binary }) {
    if (!this.ours) return []
    const lib = dirname(require.resolve('../../lib/index.js'))
    const copy = this.project().root
    cpSync(lib, join(copy, 'lib'), {
      recursive: true,
      filter: (file) => !basename(file).startsWith('.') && (binary || !file.endsWith('.node')),
    })
    cpSync(join(lib, '../package.json'), join(copy, 'package.json'))
    return [require(join(copy, 'lib/index.js')).default()]
  }

  project(files) {
    const project = makeProject(files)
    this.#normalizer.hideFolder(project.root)
    this.defer(() => project.remove())
    return project
  }

  // Outside the range the system hands out, and apart from other columns: nobody takes it between.
  async freePort() {
    for (;;) {
      nextPort += 1
      const port = firstPort(this) + (nextPort % PORTS_A_COLUMN)
      if (await isFree(port)) return port
    }
  }

  config(inline, { project, port, plugin = this.plugin(), after = [] }) {
    return inlineConfig({
      root: project.root,
      cacheDir: project.path('.vite'),
      customLogger: this.log.logger,
      clearScreen: false,
      ...inline,
      // Edits are reported by `edit`, not by the file system: no race with a watcher's start.
      server: { port, strictPort: true, preTransformRequests: false, ...inline.server },
      // Behind the others, where a plugin that must come first has it hardest.
      plugins: [...(inline.plugins ?? []), ...plugin, ...after],
    })
  }

  /** A started Vite server, with `project` on it; `inert` says that ours must stay out. */
  async start(inline = {}, options = {}) {
    const project = options.project ?? this.project(options.files)
    const port = options.port ?? (await this.freePort())
    const vite = await this.vite(options.vite)
    const config = this.config(inline, { ...options, project, port })
    const server = await vite.createServer(config)
    server.project = project
    this.defer(() => this.stop(server))
    if (options.listen !== false) await server.listen()
    if (server.httpServer) {
      server.port = port
      this.#normalizer.hide(port, '<port>')
    }
    this.#normalizer.hide(server.config.webSocketToken, '<token>')
    if (!options.inert) this.assertEngine(server)
    return server
  }

  // Without this a plugin that never took over would pass every comparison.
  assertEngine(server) {
    if (!this.ours) return
    const stats = server.ws.stats?.()
    assert.equal(stats?.engine, 'native', 'the server was not taken over')
  }

  async stop(server) {
    if (server.stopped) return
    server.stopped = true
    await server.close()
  }

  url(server, { port = server.port, host = '127.0.0.1', path, token, secure = false } = {}) {
    const where = path ?? server.config.base
    const query = token === null ? '' : `?token=${token ?? server.config.webSocketToken}`
    return `${secure ? 'wss' : 'ws'}://${host}:${port}${where}${query}`
  }

  /** A client that did not wait for its `open`. */
  dial(server, { port, host, path, token, secure, ...options } = {}) {
    const client = new Client(this.url(server, { port, host, path, token, secure }), options)
    this.defer(() => client.socket.terminate())
    return client
  }

  async connect(server, options) {
    const client = this.dial(server, options)
    await within(client.opened, 'the connection to open')
    return client
  }

  /** A client that has taken its `connected`. */
  async join(server, options) {
    const client = await this.connect(server, options)
    assert.deepEqual(await client.next(), { type: 'connected' })
    return client
  }

  /** A connection of bare bytes. */
  raw(server, { port = server.port, ...options } = {}) {
    const raw = new RawSocket(port, options)
    this.defer(() => raw.socket.destroy())
    return raw
  }

  /** The same, on which an upgrade has been asked for. */
  async upgrade(server, headers, { path = '/', port, secure, ...options } = {}) {
    const raw = this.raw(server, { port, secure })
    await raw.write(upgradeRequest({ path, headers, ...options }))
    return raw
  }

  get(server, path, { port = server.port, secure, headers } = {}) {
    return fetchText({ port, path, headers, secure })
  }

  edit(server, name, text) {
    const path = server.project.write(name, text)
    server.watcher.emit('change', path)
  }

  /** Everything a client got before this call: frames are in order, so a mark ends the list. */
  async drain(server, client) {
    const mark = `parity:mark:${Math.random().toString(36).slice(2)}`
    const from = client.frames.length
    server.ws.send({ type: 'custom', event: mark })
    await until(
      () => client.frames.slice(from).some((frame) => frame.includes(mark)),
      'the mark to arrive',
    )
    return client.frames.filter((frame) => !frame.includes('parity:mark:'))
  }

  /** Returns when the server has read everything this client sent before. */
  async flush(server, client) {
    const event = `parity:flush:${Math.random().toString(36).slice(2)}`
    let arrived
    const arrival = new Promise((resolve) => {
      arrived = resolve
    })
    server.ws.on(event, arrived)
    client.emit(event)
    await within(arrival, 'the server to read the client')
    server.ws.off(event, arrived)
  }

  async size(server, expected) {
    await until(() => server.ws.clients.size === expected, `clients.size is ${expected}`)
  }

  until = until
  within = within

  async end() {
    for (const end of this.#ends.reverse()) {
      try {
        await within(Promise.resolve(end()), 'an end', CLEANUP_MS)
      } catch (error) {
        this.leftovers.push(error.message)
      }
    }
  }
}
