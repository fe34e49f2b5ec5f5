// A TCP proxy in front of a dev server that loses HTTP, the WebSocket, or both, in several ways.
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Link } from './link.mjs'

/** @typedef {'pass' | 'refuse' | 'swallow'} Rule */

export class OutageProxy {
  /** @type {Set<Link>} */
  links = new Set()
  /** @type {{ http: Rule, socket: Rule }} For connections to come. */
  rules = { http: 'pass', socket: 'pass' }
  /** Connections that were turned away. */
  refused = { http: 0, socket: 0 }
  /** @type {((link: Link) => void) | undefined} Called once, with the next request. */
  #onFetch
  #onSpent = () => {}

  /** @param {number} target The dev server's port. */
  static async open(target) {
    const proxy = new OutageProxy()
    proxy.target = target
    await proxy.#listen(0)
    return proxy
  }

  async #listen(port) {
    this.server = net.createServer((socket) => this.#accept(socket))
    this.server.listen(port, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = this.server.address().port
  }

  #accept(socket) {
    const link = new Link(socket, {
      target: this.target,
      onPurpose: () => this.#admit(link),
      onRequest: () => this.#request(link),
      onSpent: () => this.#onSpent(),
    })
    this.links.add(link)
    link.ended.then(() => this.links.delete(link))
  }

  #admit(link) {
    const rule = this.rules[link.purpose]
    if (rule === 'swallow') link.swallow()
    if (rule !== 'refuse') return true
    this.refused[link.purpose] += 1
    link.reset()
    return false
  }

  #request(link) {
    if (link.purpose !== 'http' || !this.#onFetch) return
    const onFetch = this.#onFetch
    this.#onFetch = undefined
    onFetch(link)
  }

  /** How many sockets of Vite's client (and questions for the server) are up. */
  get sockets() {
    return this.#of(['socket']).filter((link) => !link.isSwallowing).length
  }

  #of(purposes) {
    // What has not spoken yet may become anything: it goes with either.
    return [...this.links].filter(({ purpose }) => !purpose || purposes.includes(purpose))
  }

  /** What is open is reset and what comes is refused. @param {('http' | 'socket')[]} purposes */
  refuse(purposes = ['http', 'socket']) {
    for (const purpose of purposes) this.rules[purpose] = 'refuse'
    for (const link of this.#of(purposes)) link.reset()
  }

  /** Everything stays open, and nothing arrives. */
  swallow() {
    this.rules = { http: 'swallow', socket: 'swallow' }
    for (const link of this.links) link.swallow()
  }

  /**
   * New connections go through, and what hangs is reset.
   *
   * @param {('http' | 'socket')[]} [purposes] Of what is reset. A browser itself leaves its HTTP
   *   connections when the network changes.
   */
  restore(purposes = ['http', 'socket']) {
    this.rules = { http: 'pass', socket: 'pass' }
    for (const link of this.#of(purposes)) if (link.isSwallowing) link.reset()
  }

  /** The next request over HTTP. Resolves with whether one came in time. */
  nextFetch(milliseconds, onFetch) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#onFetch = undefined
        resolve(false)
      }, milliseconds)
      this.#onFetch = (link) => {
        clearTimeout(timer)
        onFetch(link)
        resolve(true)
      }
    })
  }

  /** Everything is cut once so many bytes of the next answer have gone through. */
  async cutInFetch(bytes, milliseconds) {
    const spent = new Promise((resolve) => {
      this.#onSpent = () => {
        this.refuse()
        resolve()
      }
    })
    const isFetching = await this.nextFetch(milliseconds, (link) => {
      if (bytes === 0) this.#onSpent()
      else link.budget = bytes
    })
    // An answer may have fewer bytes than that.
    if (isFetching) await Promise.race([spent, delay(milliseconds)])
    this.refuse()
  }

  /** The proxy's process ends; another one has its port later. */
  async stop() {
    const closed = new Promise((resolve) => this.server.close(resolve))
    for (const link of this.links) link.reset()
    await closed
  }

  start() {
    return this.#listen(this.port)
  }
}
