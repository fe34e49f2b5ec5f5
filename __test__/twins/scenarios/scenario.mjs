// A dev server in this process, for what a plugin of the test sees, and two tabs of its page.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createLogger, createServer } from 'vite'
import { ensurePackages } from '../packages.mjs'
import { Tab } from '../tab.mjs'

const { default: nativeWs } = createRequire(import.meta.url)('../../../lib/index.js')

const DEADLINE_MS = 20_000
const POLL_MS = 20

/** Polls until a condition holds, and returns what it gave. */
export async function until(condition, what) {
  const end = Date.now() + DEADLINE_MS
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > end) throw new Error(`${what}: not within ${DEADLINE_MS} ms`)
    await delay(POLL_MS)
  }
}

/** A promise, and what resolves it. */
export function gate() {
  let open
  const opened = new Promise((resolve) => {
    open = resolve
  })
  return { open, opened }
}

const PAGE = `<!doctype html><html><head><link rel="icon" href="data:,"></head>
<body><p id="one"></p><p id="two"></p><script type="module" src="/main.js"></script></body></html>
`

export class Scenario {
  #undo = []
  /** What the dev server has printed. */
  lines = []

  /**
   * @param {import('node:test').TestContext} t
   * @param {object} options
   * @param {import('playwright-core').Browser} options.browser
   * @param {Record<string, string>} options.files Besides the page.
   * @param {(server: import('vite').ViteDevServer) => void} [options.configureServer]
   * @param {object} [options.options] Of the plugin under test.
   * @param {object} [options.server] Of Vite.
   */
  static async open(t, { browser, files, configureServer, options, server = {} }) {
    const scenario = new Scenario()
    t.after(() => scenario.#close())
    scenario.browser = browser
    const root = mkdtempSync(join(tmpdir(), 'twins-scenario-'))
    scenario.root = root
    scenario.#undo.push(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }))
    symlinkSync(`${ensurePackages('vite8')}/node_modules`, join(root, 'node_modules'))
    for (const [name, text] of Object.entries({ 'index.html': PAGE, ...files })) {
      writeFileSync(join(root, name), text)
    }
    const keep = (line) => scenario.lines.push(line)
    const logger = createLogger('info', {
      allowClearScreen: false,
      console: { ...console, log: keep, warn: keep, error: keep },
    })
    scenario.vite = await createServer({
      root,
      configFile: false,
      cacheDir: join(root, '.vite'),
      customLogger: logger,
      plugins: [nativeWs(options), { name: 'scenario', configureServer }],
      optimizeDeps: { noDiscovery: true, include: [] },
      // Edits are reported by `edit`: no race with a watcher's start.
      server: { host: '127.0.0.1', port: 0, watch: null, fs: { strict: false }, ...server },
    })
    scenario.#undo.push(() => scenario.vite.close())
    await scenario.vite.listen()
    scenario.port = scenario.vite.httpServer.address().port
    return scenario
  }

  url(port) {
    return `http://127.0.0.1:${port}/`
  }

  edit(name, text) {
    const path = join(this.root, name)
    writeFileSync(path, text)
    this.vite.watcher.emit('change', path)
  }

  /** A tab whose page has set `window.isReady`. */
  async tab() {
    const tab = await Tab.open(this.browser, this)
    this.#undo.push(() => tab.close())
    await tab.visit()
    await until(() => value(tab, 'window.isReady'), 'the page to be ready')
    return tab
  }

  async #close() {
    while (this.#undo.length > 0) await this.#undo.pop()()
  }
}

/** What an expression gives in a tab, or nothing while there is no document. */
export function value(tab, expression) {
  return tab.page.evaluate(expression).catch(() => undefined)
}

/** Waits until an expression gives something in a tab, as JSON would have it. */
export function gives(tab, expression, wanted) {
  const text = JSON.stringify(wanted)
  return until(
    async () => JSON.stringify(await value(tab, expression)) === text,
    `${expression} to give ${text}`,
  ).catch(async (error) => {
    const last = JSON.stringify(await value(tab, expression))
    throw new Error(`${error.message}; it gave ${last}\n${tab.lines.join('\n')}`)
  })
}

/** The tab is cut, and has tried in vain to come back. */
export async function leave(tab) {
  const { refused } = tab.proxy
  const before = refused.http + refused.socket
  tab.proxy.refuse()
  await until(() => refused.http + refused.socket > before, 'the page to notice that it is cut')
}
