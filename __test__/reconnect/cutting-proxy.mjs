// A TCP proxy whose connections can be cut or made to hang, at once or after so many bytes.
import { once } from 'node:events'
import net from 'node:net'
import { listen } from '../support/port.mjs'

/**
 * @typedef {object} Fault
 * @property {'up' | 'down'} direction Which bytes are counted: towards the server or the page.
 * @property {number} bytes How many of them pass.
 * @property {boolean} isEarly They are counted from the first, and not from the server's welcome.
 * @property {'end' | 'reset' | 'hang'} kind
 */

export class CuttingProxy {
  /** @type {Set<Link>} */
  links = new Set()
  /** @type {(link: Link) => void} Sees every new connection before its first byte. */
  onLink = () => {}
  isDown = false
  /** Connections that came while it was down. */
  refused = 0

  static async open(target) {
    const proxy = new CuttingProxy()
    proxy.target = target
    proxy.server = net.createServer((socket) => proxy.accept(socket))
    proxy.port = await listen(proxy.server)
    return proxy
  }

  accept(socket) {
    if (this.isDown) {
      this.refused += 1
      return socket.resetAndDestroy()
    }
    const link = new Link(socket, net.connect(this.target, '127.0.0.1'))
    this.links.add(link)
    link.ended.then(() => this.links.delete(link))
    this.onLink(link)
  }

  /** Nothing goes through any more, and new connections are refused. */
  cut(kind = 'reset') {
    this.isDown = true
    for (const link of this.links) link.fail(kind)
  }

  restore() {
    this.isDown = false
  }

  async close() {
    const closed = new Promise((resolve) => this.server.close(resolve))
    for (const link of this.links) link.destroy()
    await closed
  }
}

/** It is in the text of the page's half as well, where the quotes are escaped. */
const WELCOME = 'vite-native-ws:welcome","data":{'

/** One connection through the proxy. */
export class Link {
  passed = { up: 0, down: 0 }
  /** Where the server's welcome stands in them. */
  welcome = { up: Infinity, down: Infinity }
  /** @type {Fault | undefined} */
  fault
  isHanging = false
  hasFailed = false

  constructor(page, server) {
    this.page = page
    this.server = server
    this.ended = Promise.all([once(page, 'close'), once(server, 'close')]).catch(() => {})
    for (const socket of [page, server]) {
      socket.setNoDelay()
      socket.on('error', () => {})
      socket.on('close', () => !this.isHanging && this.destroy())
    }
    page.on('data', (chunk) => this.pass('up', chunk, server))
    server.on('data', (chunk) => this.pass('down', chunk, page))
  }

  pass(direction, chunk, to) {
    if (this.hasFailed) return
    if (direction === 'down' && this.welcome.down === Infinity) this.lookForWelcome(chunk)
    const { fault } = this
    const left = fault?.direction === direction ? this.bytesBefore(fault) : Infinity
    const passing = chunk.length < left ? chunk : chunk.subarray(0, Math.max(0, left))
    this.passed[direction] += passing.length
    if (passing.length > 0) to.write(passing)
    if (chunk.length >= left) this.fail(fault.kind)
  }

  lookForWelcome(chunk) {
    const place = chunk.indexOf(WELCOME)
    if (place >= 0) this.welcome = { up: this.passed.up, down: this.passed.down + place }
  }

  get isWebSocket() {
    return this.welcome.down < Infinity
  }

  bytesBefore({ direction, bytes, isEarly }) {
    return (isEarly ? 0 : this.welcome[direction]) + bytes - this.passed[direction]
  }

  fail(kind) {
    if (this.hasFailed) return
    this.hasFailed = true
    this.onFailed?.()
    if (kind === 'hang') this.isHanging = true
    else if (kind === 'reset') this.reset()
    else for (const socket of [this.page, this.server]) socket.end()
  }

  reset() {
    for (const socket of [this.page, this.server]) socket.resetAndDestroy()
  }

  destroy() {
    for (const socket of [this.page, this.server]) socket.destroy()
  }
}
