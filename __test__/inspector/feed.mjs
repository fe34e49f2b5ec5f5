// A Vite dev server with this plugin, and what asks its inspector.
import nativeWs from '../../lib/index.mjs'
import { startVite } from '../support/dev-server.mjs'
import { ask, fetchText } from '../support/http.mjs'
import { makeTwoModules } from '../support/two-modules.mjs'

/** A dev server that notices edits of its two modules, with the inspector. */
export async function serveVite(t, options = {}, { server, ...config } = {}) {
  const { root, edit } = makeTwoModules(t)
  const plugins = [nativeWs(options)]
  const started = await startVite(t, {
    root,
    plugins,
    server: { watch: undefined, ...server },
    ...config,
  })
  const { port, token, ws } = started
  return { server: started.server, ws, root, edit, port, token }
}

/** One HTTP request, whose headers are the caller's alone. */
export function request(port, path, { headers, method } = {}) {
  return fetchText({ port, path, headers, method })
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
    const { asked, response } = await ask({ port, path, headers })
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
