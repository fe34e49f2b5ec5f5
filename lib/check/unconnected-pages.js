'use strict'

const { agentOf, nameOf } = require('../diagnostics/client-info.js')
const { isHostAllowed } = require('../http/access.js')
const { clearTimeout, setTimeout } = require('../timers.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../diagnostics/diagnostics.js').Diagnostics} Diagnostics */

/** Milliseconds that a page has, from the loading of Vite's client on: a document may be long. */
const PATIENCE_MS = 20_000
/** A timer that is later than this was held up, and so was the page's request. */
const LATENESS_MS = 1_000
const MAX_WAITING = 100
/** Vite's client; the second with `experimental.bundledDev` (Vite 8). */
const CLIENTS = ['@vite/client', 'bundledDevClient.mjs']
/** The header of the check, which loads Vite's client and is no page. */
const CHECK_HEADER = 'x-vite-native-ws-check'

/** Pages that have loaded Vite's client and have yet to connect. The first that does not is named, once. */
class UnconnectedPages {
  /**
   * @param {object} options
   * @param {string} options.base
   * @param {Diagnostics} options.diagnostics
   * @param {(message: string) => void} options.warn
   * @param {number} [options.patience] Milliseconds.
   */
  constructor({ base, diagnostics, warn, patience = PATIENCE_MS }) {
    this.clients = CLIENTS.map((name) => base + name)
    this.base = base
    this.diagnostics = diagnostics
    this.warn = warn
    this.patience = patience
    this.isDone = false
    /** @type {Map<NodeJS.Timeout, string>} The user agent of each. */
    this.waiting = new Map()
    this.observer = {
      onOpened: (/** @type {{ clientInfo?: { agent: string } }} */ { clientInfo }) =>
        this.clear(clientInfo?.agent),
      onEnd: () => this.clear(),
    }
  }

  /** @param {IncomingMessage} request One that may have this answer. */
  onRequest(request) {
    const { url = '', headers } = request
    if (this.isDone || !this.clients.some((path) => url.startsWith(path))) return
    if (!this.clients.includes(url.split('?', 1)[0]) || !isPage(headers)) return
    if (this.waiting.size >= MAX_WAITING) return
    if (this.waiting.size === 0) this.diagnostics.watch(this.observer)
    this.wait(agentOf(headers), this.addressOf(request), this.patience)
  }

  /**
   * @param {string} agent
   * @param {string} address
   * @param {number} milliseconds
   */
  wait(agent, address, milliseconds) {
    const due = Date.now() + milliseconds
    const timer = setTimeout(() => {
      this.waiting.delete(timer)
      if (Date.now() - due > LATENESS_MS) return this.wait(agent, address, 2 * LATENESS_MS)
      this.say(agent, address)
    }, milliseconds)
    timer.unref()
    this.waiting.set(timer, agent)
  }

  /**
   * Loads that led to a connection cannot be told from those that were reloaded meanwhile: all of a
   * browser are done with one.
   *
   * @param {string} [agent] All of them without it.
   */
  clear(agent) {
    for (const [timer, other] of this.waiting) {
      if (agent !== undefined && agent !== other) continue
      clearTimeout(timer)
      this.waiting.delete(timer)
    }
    if (this.waiting.size === 0) this.diagnostics.unwatch(this.observer)
  }

  /**
   * @param {string} agent
   * @param {string} address
   */
  say(agent, address) {
    if (this.isDone) return
    this.isDone = true
    this.clear()
    const name = nameOf(agent)
    this.warn(
      `vite-native-ws: a page${name ? ` in ${name}` : ''} was loaded ${this.patience / 1000} s ago, and its ` +
        `WebSocket has not connected. Why: open ${address}__ws/check/ there, or run ` +
        `\`npx vite-native-ws doctor ${address}\`. This is said once.`,
    )
  }

  /**
   * The address of the dev server as the page has it: behind a proxy, the `Referer` of a page of the
   * same origin knows better than `Host`. It is a stranger's word, so its name has to be allowed too.
   *
   * @param {IncomingMessage} request
   */
  addressOf({ headers, socket }) {
    const { access } = this.diagnostics
    const { referer = '', host } = headers
    const isOwn = headers['sec-fetch-site'] === 'same-origin'
    if (access && isOwn && URL.canParse(referer)) {
      const { origin, host: name, protocol } = new URL(referer)
      if (/^https?:$/.test(protocol) && isHostAllowed(name, access)) return origin + this.base
    }
    const isSecure =
      Reflect.get(socket, 'encrypted') ||
      headers['x-forwarded-proto']?.toString().startsWith('https')
    const text = `${isSecure ? 'https' : 'http'}://${host ?? headers[':authority']}`
    return URL.canParse(text) ? new URL(text).origin + this.base : this.base
  }
}

/**
 * Browsers say what they load for over https and on this machine, and their name always.
 *
 * @param {IncomingMessage['headers']} headers
 */
function isPage(headers) {
  if (headers[CHECK_HEADER] !== undefined) return false
  const purpose = headers['sec-fetch-dest']
  return purpose === undefined
    ? String(headers['user-agent']).startsWith('Mozilla/')
    : purpose === 'script'
}

module.exports = { UnconnectedPages }
