// Pages of a dev server, all in this process: they load it, are cut, and come back in their way.
import http from 'node:http'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import WebSocket from 'ws'
import { PageSocket } from '../__test__/reconnect/page.mjs'
import { until } from '../__test__/support/deadline.mjs'
import { now } from './servers/clock.mjs'

const require = createRequire(import.meta.url)
const { SETTINGS } = require('../lib/reconnect/browser/settings.js')

/** As many connections as a browser opens to one server. */
const BROWSER_CONNECTIONS = 6
const ATTEMPTS = 5
const IMPORT = /(?:import|from)\s*"(\/[^"]+)"|src="(\/[^"]+)"/g

class Page {
  constructor({ port, way }) {
    this.port = port
    this.way = way
    this.etags = new Map()
    this.agent = new http.Agent({ keepAlive: true, maxSockets: BROWSER_CONNECTIONS })
  }

  /** Loads the page with all its modules and connects, as a browser does. */
  async load() {
    const seen = new Set()
    await this.fetchAll('/', seen)
    await this.connectInItsWay()
  }

  connectInItsWay() {
    return this.way === 'resume' ? this.connectToStay() : this.connect()
  }

  async fetchAll(path, seen) {
    if (seen.has(path)) return
    seen.add(path)
    const text = await this.fetch(path)
    const imports = Array.from(text.matchAll(IMPORT), ([, one, other]) => one ?? other)
    await Promise.all(imports.map((imported) => this.fetchAll(imported, seen)))
  }

  /** A reload asks whether each file has changed, and nothing has: the text is the one it had. */
  async fetch(path) {
    const known = this.etags.get(path)
    const headers = { Accept: '*/*', ...(known ? { 'If-None-Match': known.etag } : {}) }
    if (path === '/') headers.Accept = 'text/html'
    const { port, agent } = this
    const options = { host: '127.0.0.1', port, path, headers, agent }
    const response = await request(options)
    const chunks = await response.toArray()
    if (response.statusCode === 304) return known.text
    if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode}`)
    const text = Buffer.concat(chunks).toString()
    this.etags.set(path, { etag: response.headers.etag, text })
    return text
  }

  get url() {
    const token = /wsToken = "([^"]+)"/.exec(this.etags.get('/@vite/client').text)[1]
    return `ws://127.0.0.1:${this.port}/?token=${token}`
  }

  async connect() {
    const socket = new WebSocket(this.url, 'vite-hmr')
    socket.on('error', () => {})
    await new Promise((resolve, reject) => {
      socket.once('message', resolve)
      socket.once('close', () => reject(new Error('closed')))
    })
    this.native = () => socket
    this.lost = new Promise((resolve) => socket.once('close', resolve))
  }

  async connectToStay() {
    const page = new PageSocket(this.url, { settings: SETTINGS })
    await new Promise((resolve) => page.socket.addEventListener('message', resolve, { once: true }))
    await until(() => page.isWelcome, 'the welcome')
    this.native = () => page.socket._native.socket
    const { console } = page.environment
    console.info = () => this.onResumed()
    page.closed.then(() => this.onRefused?.(new Error('a page could not resume')))
  }

  /** Resolves when this page, whose connection was just reset, is as before. */
  back() {
    if (this.way === 'reload') return this.reload()
    return new Promise((resolve, reject) => {
      this.onResumed = resolve
      this.onRefused = reject
    })
  }

  /** What Vite's client does: asks until a server answers, and reloads. */
  async reload() {
    await this.lost
    while (!(await this.ping())) await new Promise((resolve) => setTimeout(resolve, 1_000))
    // The browser drops what the page had open.
    this.agent.destroy()
    this.agent = new http.Agent({ keepAlive: true, maxSockets: BROWSER_CONNECTIONS })
    await this.load()
  }

  ping() {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}/`, 'vite-ping')
    return new Promise((resolve) => {
      socket.on('open', () => resolve(true))
      socket.on('error', () => resolve(false))
      socket.on('open', () => socket.close())
    })
  }
}

/** A server may end an idle connection in the moment of its use; as a browser does, asks again. */
function request(options, attempt = 1) {
  return new Promise((resolve, reject) => {
    http.get(options, resolve).on('error', (error) => {
      const isCut = error.code === 'ECONNRESET' && attempt < ATTEMPTS
      if (isCut) resolve(request(options, attempt + 1))
      else reject(error)
    })
  })
}

let pages = []
const orders = {
  async open({ port, count, way, atOnce = 16 }) {
    pages = Array.from({ length: count }, () => new Page({ port, way }))
    const [first, ...waiting] = pages
    await first.load()
    const work = async () => {
      for (let page = waiting.pop(); page; page = waiting.pop()) {
        page.etags = new Map(first.etags)
        await page.connectInItsWay()
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  },
  async cut() {
    const begun = now()
    const all = pages.map((page) => page.back())
    for (const page of pages) page.native()._socket.resetAndDestroy()
    await Promise.all(all)
    return { ns: now() - begun }
  },
}

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const order = JSON.parse(line)
    const answer = await orders[order.do](order).catch(({ stack }) => ({ error: stack }))
    process.stdout.write(`${JSON.stringify(answer ?? {})}\n`)
  })
  .on('close', () => process.exit())
process.stdout.write('{}\n')
