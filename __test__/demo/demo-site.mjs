// The demo in development: a copy of it on disk, a dev server that serves the copy, and its pages.

import { rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { untilOnPage } from '../support/browser.mjs'
import { selfSigned } from '../support/certificate.mjs'
import { until } from '../support/deadline.mjs'
import { isWatching } from '../support/dev-server.mjs'
import { KeptLog } from '../support/logger.mjs'

/**
 * @typedef {object} DemoSite
 * @property {import('playwright-core').BrowserContext} context
 * @property {import('playwright-core').Page} page the first tab
 * @property {import('vite').ViteDevServer} server
 * @property {string} url
 * @property {'native' | 'vite'} engine the one that is meant to serve it
 * @property {(file: string, change: (source: string) => string) => Promise<void>} edit
 * @property {() => string} logs what Vite and the page have said so far
 * @property {() => Promise<void>} close
 */

const demo = fileURLToPath(new URL('../../examples/demo/', import.meta.url))

// Inside the demo, because there `vite` and `vite-native-ws` resolve as they do for the original.
const cache = join(demo, '.cache')
const left = new Set(['.cache', 'dist', 'node_modules'])

/**
 * @param {object} options
 * @param {import('playwright-core').Browser} options.browser
 * @param {boolean} [options.https]
 * @returns {Promise<DemoSite>}
 */
export async function openDemo({ browser, https = false }) {
  const undo = []
  const close = async () => {
    while (undo.length > 0) await undo.pop()()
  }
  try {
    const root = await copyDemo(undo)
    // Syntax errors are part of the play: their reports are kept for failures instead of printed.
    const log = new KeptLog()
    const server = await createServer({
      root,
      cacheDir: join(root, '.vite'),
      configFile: join(root, 'vite.config.mjs'),
      customLogger: log.logger,
      server: { host: '127.0.0.1', port: 0, https: https ? await selfSigned() : undefined },
    })
    undo.push(() => server.close())
    await server.listen()
    await watching(server)

    const context = await browser.newContext()
    undo.push(() => context.close())
    context.on('console', (message) => log.logger.info(`page: ${message.text()}`))
    const [url] = server.resolvedUrls.local
    const page = await openPage(context, url)

    return {
      context,
      page,
      server,
      url,
      engine: process.env.VITE_NATIVE_WS === 'off' ? 'vite' : 'native',
      edit: editor(server, root),
      logs: () => log.lines().join('\n'),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A tab whose connection is open and whose modules have all run. */
export async function openPage(context, url) {
  const page = await context.newPage()
  await page.goto(url)
  await untilOnPage(page, 'the page to be connected', () =>
    document.querySelector('#engine')?.hasAttribute('data-engine'),
  )
  return page
}

/** Waits until edits are noticed. */
export async function watching(server) {
  const folder = join(server.config.root, 'src')
  await until(() => isWatching(server, folder, 'main.mjs'), 'the file watcher')
}

/** The watcher drops a change that follows another of the same file too closely: people never do. */
function editor(server, root) {
  const throttle = 100
  const watchers = new WeakSet()
  const changed = new Map()

  return async (file, change) => {
    const path = join(root, file)
    // A restart brings a new one.
    if (!watchers.has(server.watcher)) {
      watchers.add(server.watcher)
      server.watcher.on('change', (changedPath) => changed.set(changedPath, performance.now()))
    }
    const since = performance.now() - (changed.get(path) ?? Number.NEGATIVE_INFINITY)
    if (since < throttle) await delay(throttle - since)
    await writeFile(path, change(await readFile(path, 'utf8')))
  }
}

async function copyDemo(undo) {
  await mkdir(cache, { recursive: true })
  const root = await mkdtemp(join(cache, 'run-'))
  // Ctrl-C leaves no time for promises.
  const remove = () => rmSync(root, { recursive: true, force: true })
  process.once('exit', remove)
  undo.push(async () => {
    await rm(root, { recursive: true, force: true, maxRetries: 5 })
    process.off('exit', remove)
  })
  // One by one: Node refuses to copy a folder into itself.
  for (const name of await readdir(demo)) {
    if (left.has(name)) continue
    await cp(join(demo, name), join(root, name), { recursive: true })
  }
  return root
}
