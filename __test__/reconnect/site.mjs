// A site in development: a Vite dev server of some major, and tabs in Chromium, each behind a proxy.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { selfSigned } from '../support/certificate.mjs'
import { Client } from '../support/client.mjs'
import { startVite } from '../support/dev-server.mjs'
import { KeptLog } from '../support/logger.mjs'
import { freePort } from '../support/port.mjs'
import { Project } from '../support/project.mjs'
import { entry } from '../support/server.mjs'
import { CuttingProxy } from './cutting-proxy.mjs'
import { Tab } from './tab.mjs'

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
window.answered = () => new Promise((resolve) => {
  import.meta.hot.on('tab:answer', resolve)
  import.meta.hot.send('tab:question')
})
window.isReady = true
`

/** The server's answers, which come behind its welcome. */
const answers = {
  name: 'answers',
  configureServer({ ws }) {
    ws.on('tab:question', (_, client) => client.send('tab:answer'))
  },
}

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

export class Site {
  #undo = []
  log = new KeptLog()

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
    const site = new Site()
    t.after(() => site.close())
    site.vite = vite
    site.browser = browser
    site.https = https ? await selfSigned() : undefined
    site.port = await freePort()
    site.server = await site.serve({ title, plugins: [...plugins, entry.default(options)] })
    return site
  }

  async serve({ title, plugins }) {
    const parts = PARTS.map((name) => [`${name}.js`, part(name, 1)])
    const files = { 'index.html': page(title), 'main.js': MAIN, ...Object.fromEntries(parts) }
    const project = new Project(files)
    this.project = project
    this.#undo.push(() => project.remove())
    // Edits are reported by `edit`: no race with a watcher's start.
    const inline = {
      root: project.root,
      cacheDir: project.path('.vite'),
      customLogger: this.log.logger,
      plugins: [...plugins, answers],
      server: {
        port: this.port,
        https: this.https,
        strictPort: true,
        preTransformRequests: false,
      },
    }
    const { server } = await startVite(undefined, inline, { vite: this.vite, listens: false })
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
    return this.project.write(name, text)
  }

  edit(name, text) {
    this.server.watcher.emit('change', this.write(name, text))
  }

  get warnings() {
    return this.log.lines('warn')
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

  /**
   * A tab whose client is connected through a proxy of its own.
   *
   * @param {(page: import('playwright-core').Page) => unknown} [prepare] Sees the page before its site.
   */
  async tab(prepare) {
    const proxy = await CuttingProxy.open(this.port)
    this.#undo.push(() => proxy.close())
    const context = await this.browser.newContext({ ignoreHTTPSErrors: true })
    this.#undo.push(() => context.close())
    const tab = new Tab(proxy, context, await context.newPage())
    await prepare?.(tab.page)
    await tab.open(this.url('http', proxy.port))
    return tab
  }

  async close() {
    while (this.#undo.length > 0) await this.#undo.pop()()
  }
}
