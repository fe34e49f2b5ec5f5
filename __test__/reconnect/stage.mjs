// A Vite dev server of some major, tabs in Chromium, and a proxy between each of them and it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { selfSigned } from '../demo/certificate.mjs'
import { Client } from '../support/client.mjs'
import { until } from '../support/deadline.mjs'
import { entry } from '../support/server.mjs'
import { CuttingProxy } from './cutting-proxy.mjs'

export const MAJORS = (process.env.RECONNECT_MAJORS ?? '8').split(',').map(Number)

const PARTS = ['a', 'b', 'c']

/** Accepts itself, and says what it has applied. */
export function part(name, value) {
  return `window.applied.push('${name}${value}')
document.querySelector('#${name}').textContent = '${value}'
import.meta.hot.accept()
`
}

const page = (
  title,
) => `<!doctype html><html><head><link rel="icon" href="data:,"></head><body><h1>${title}</h1>
<input id="text"><button id="counter">0</button>
<p id="a"></p><p id="b"></p><p id="c"></p>
<script>window.applied = []</script><script type="module" src="/main.js"></script></body></html>
`
const MAIN = `${PARTS.map((name) => `import './${name}.js'`).join('\n')}
const counter = document.querySelector('#counter')
counter.onclick = () => { counter.textContent = Number(counter.textContent) + 1 }
window.told = []
import.meta.hot.on('vite:beforeUpdate', ({ updates }) => window.told.push(updates[0].path))
window.said = (data) => import.meta.hot.send('to:server', data)
window.isReady = true
`

/** What Vite a major is: the root's own is the newest, the others are the parity suite's. */
export async function viteOf(major) {
  const require = createRequire(new URL('../parity/package.json', import.meta.url))
  if (major === 8) return import('vite')
  const entryOf = require.resolve(`vite${major}/package.json`)
  const { exports } = require(entryOf)
  const file =
    exports['.'].import?.default ?? exports['.'].import ?? exports['.'].default ?? exports['.']
  return import(pathToFileURL(join(entryOf, '..', file)).href)
}

export class Stage {
  #undo = []
  warnings = []

  /**
   * @param {object} options
   * @param {any} options.vite
   * @param {import('playwright-core').Browser} options.browser
   * @param {object} [options.options] Of the plugin.
   * @param {any[]} [options.plugins]
   * @param {string} [options.title]
   * @param {boolean} [options.https]
   */
  static async open(t, { vite, browser, options, plugins = [], title = 'one', https }) {
    const stage = new Stage()
    t.after(() => stage.close())
    stage.vite = vite
    stage.browser = browser
    stage.https = https ? selfSigned() : undefined
    stage.port = await freePort()
    stage.server = await stage.serve({ title, plugins: [...plugins, entry.default(options)] })
    return stage
  }

  async serve({ title, plugins }) {
    const root = mkdtempSync(join(tmpdir(), 'reconnect-'))
    this.root = root
    this.#undo.push(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }))
    writeFileSync(join(root, 'index.html'), page(title))
    writeFileSync(join(root, 'main.js'), MAIN)
    for (const name of PARTS) writeFileSync(join(root, `${name}.js`), part(name, 1))
    const logger = this.vite.createLogger('silent')
    logger.warn = (line) => this.warnings.push(line)
    const server = await this.vite.createServer({
      root,
      configFile: false,
      cacheDir: join(root, '.vite'),
      customLogger: logger,
      plugins,
      // Edits are reported by `edit`: no race with a watcher's start.
      server: {
        host: '127.0.0.1',
        port: this.port,
        https: this.https,
        strictPort: true,
        watch: null,
        preTransformRequests: false,
      },
      optimizeDeps: { noDiscovery: true, include: [] },
    })
    let isClosed = false
    const close = server.close
    server.close = () => {
      if (isClosed) return
      isClosed = true
      return close.call(server)
    }
    this.#undo.push(() => server.close())
    await server.listen()
    return server
  }

  write(name, text) {
    const path = join(this.root, name)
    writeFileSync(path, text)
    return path
  }

  edit(name, text) {
    this.server.watcher.emit('change', this.write(name, text))
  }

  /** Edits a part to its next value, and returns when the server has told its clients. */
  async change(name, value) {
    const other = new Client(this.url('ws', this.port))
    await other.text()
    this.edit(`${name}.js`, part(name, value))
    while (!(await other.text()).includes(`/${name}.js`));
    other.socket.terminate()
  }

  url(scheme, port) {
    return `${scheme}${this.https ? 's' : ''}://127.0.0.1:${port}/`
  }

  /** A tab whose client is connected through a proxy of its own. */
  async tab() {
    const proxy = await CuttingProxy.open(this.port)
    this.#undo.push(() => proxy.close())
    const context = await this.browser.newContext({ ignoreHTTPSErrors: true })
    this.#undo.push(() => context.close())
    const tab = new Tab(proxy, context, await context.newPage())
    await tab.open(this.url('http', proxy.port))
    return tab
  }

  async close() {
    while (this.#undo.length > 0) await this.#undo.pop()()
  }
}

export class Tab {
  loads = 0
  lines = []
  /** The browser's own among them: what it writes in red. */
  errors = []

  constructor(proxy, context, page) {
    this.proxy = proxy
    this.context = context
    this.page = page
    page.on('load', () => {
      this.loads += 1
    })
    page.on('console', (message) => {
      this.lines.push(message.text())
      if (message.type() === 'error') this.errors.push(message.text())
    })
  }

  async open(url) {
    await this.page.goto(url)
    await this.isReady()
  }

  /** The page has run and its socket is connected. */
  async isReady() {
    await this.page.waitForFunction('window.isReady === true')
    const connected = () => this.lines.filter((line) => line === '[vite] connected.').length
    await until(() => connected() >= this.loads && this.loads > 0, 'the tab to be connected')
  }

  /** What a developer does not want to lose. */
  async fill() {
    await this.page.fill('#text', 'half a sentence')
    await this.page.click('#counter')
    await this.page.click('#counter')
  }

  async state() {
    return this.page.evaluate(`({
      text: document.querySelector('#text').value,
      counter: document.querySelector('#counter').textContent,
      applied: window.applied,
      told: window.told,
      overlay: document.querySelectorAll('vite-error-overlay').length,
    })`)
  }

  text(selector, wanted) {
    return this.page.waitForFunction(
      ([where, text]) => document.querySelector(where)?.textContent === text,
      [selector, wanted],
    )
  }

  /** The connection is gone, and the page knows. */
  async cut() {
    const before = this.said('connection lost')
    this.proxy.cut()
    await until(() => this.said('connection lost') > before, 'the page to notice')
  }

  said(text) {
    return this.lines.filter((line) => line.includes(text)).length
  }
}

async function freePort() {
  const probe = net.createServer()
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}
