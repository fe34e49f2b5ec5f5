// A Vite dev server of the test with this plugin, and what asks its inspector.
import { once } from 'node:events'
import http from 'node:http'
import { createLogger, createServer } from 'vite'
import nativeWs from '../../lib/index.mjs'
import { makeProject } from '../connection-life/project.mjs'
import { within } from '../support/deadline.mjs'

/** @returns what a test needs of a dev server; it is closed after the test */
export async function serveVite(t, options = {}, config = {}) {
  const { root, edit } = makeProject(t)
  const warnings = []
  const customLogger = createLogger('info', { allowClearScreen: false })
  customLogger.info = () => {}
  for (const level of ['warn', 'warnOnce', 'error']) {
    customLogger[level] = (text) => warnings.push(text)
  }
  const { server: serverConfig, ...rest } = config
  const server = await createServer({
    root,
    configFile: false,
    envDir: false,
    customLogger,
    plugins: [nativeWs(options)],
    optimizeDeps: { noDiscovery: true, include: [] },
    server: { host: '127.0.0.1', port: 0, forwardConsole: false, ...serverConfig },
    ...rest,
  })
  t.after(() => server.close())
  if (!serverConfig?.middlewareMode) await server.listen()
  const port = server.httpServer?.address().port
  return { server, ws: server.ws, root, edit, port, warnings, token: server.config.webSocketToken }
}

/** One HTTP request, whose headers are the caller's alone. */
export async function request(port, path, { headers = {}, method = 'GET' } = {}) {
  const asked = http.request({ port, host: '127.0.0.1', path, method, headers, agent: false })
  asked.end()
  const [response] = await within(once(asked, 'response'), `the answer to ${path}`)
  response.setEncoding('utf8')
  let body = ''
  for await (const chunk of response) body += chunk
  return { status: response.statusCode, headers: response.headers, body }
}

/** The token that the page of the inspector would use. */
export async function feedToken(port, base = '/') {
  const { body } = await request(port, `${base}__ws/`)
  return /<meta name="feed" content="([\w-]+)"/.exec(body)[1]
}

/** The events of the feed as they come. */
export class FeedReader {
  static async open(t, port, token, base = '/') {
    const headers = { 'X-Vite-Native-WS-Token': token }
    const path = `${base}__ws/feed`
    const asked = http.request({ port, host: '127.0.0.1', path, headers, agent: false })
    asked.on('error', () => {})
    asked.end()
    const [response] = await within(once(asked, 'response'), 'the feed')
    t.after(() => asked.destroy())
    return new FeedReader(asked, response)
  }

  constructor(asked, response) {
    this.asked = asked
    this.status = response.statusCode
    this.text = ''
    this.entries = new Map()
    this.clients = new Map()
    this.gone = []
    this.ended = new Promise((resolve) => response.on('close', resolve))
    response.setEncoding('utf8')
    response.on('error', () => {})
    response.on('data', (chunk) => this.#read(chunk))
  }

  close() {
    this.asked.destroy()
  }

  #rest = ''

  #read(chunk) {
    this.text += chunk
    const events = (this.#rest + chunk).split('\n\n')
    this.#rest = events.pop()
    for (const event of events) {
      const [name, data] = event.split('\n').map((line) => line.slice(line.indexOf(': ') + 2))
      this.#take(name, JSON.parse(data))
    }
  }

  #take(name, { clients = [], gone = [], entries = [], settled = [], stats }) {
    this.last = name
    this.stats = stats ?? this.stats
    for (const client of clients) this.clients.set(client.id, client)
    for (const client of gone) this.clients.delete(client.id)
    this.gone.push(...gone)
    for (const entry of entries) this.entries.set(entry.seq, entry)
    for (const { seq, delivery } of settled)
      Object.assign(this.entries.get(seq) ?? {}, { delivery })
  }
}
