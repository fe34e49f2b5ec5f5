'use strict'

const { isOurs } = require('../http/first-look.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

/** The longest beginning of a function's source that stands for its name. */
const LONGEST_SOURCE = 60

const REMEDY =
  "Let it leave requests alone whose subprotocol is 'vite-hmr' or 'vite-ping'; the recipe for a " +
  'WebSocket route of your own: https://github.com/vite-native-ws/vite-native-ws/blob/main/docs/errors.md'

/** Warnings about other `upgrade` listeners of an HTTP server that answer what is ours; each once. */
class UpgradeConflicts {
  /**
   * @param {{ listeners(event: string): Function[] } | undefined} server
   * @param {Function} onUpgrade Our own listener.
   * @param {import('../logger.js').Logger} logger
   * @param {import('../diagnostics/diagnostics.js').Diagnostics} diagnostics
   */
  constructor(server, onUpgrade, logger, diagnostics) {
    this.server = server
    this.onUpgrade = onUpgrade
    this.logger = logger
    this.diagnostics = diagnostics
    /** @type {Set<string>} */
    this.said = new Set()
  }

  /** Whether there are listeners of others. */
  get mayHappen() {
    const isForeign = (/** @type {Function} */ it) => it !== this.onUpgrade && !isOurs(it)
    return this.server?.listeners('upgrade').some(isForeign) ?? false
  }

  /**
   * Another listener has answered before us, or ended the socket.
   *
   * @param {IncomingMessage} request
   */
  onEarlier(request) {
    const listeners = this.server?.listeners('upgrade') ?? []
    const place = listeners.indexOf(this.onUpgrade)
    const before = (place < 0 ? listeners : listeners.slice(0, place)).filter(
      (listener) => !isOurs(listener),
    )
    const names = before.map(describe).join(', ') || 'one that is gone by now'
    this.diagnostics.conflict(request, 'taken', names)
    this.warn(
      `another "upgrade" listener of the HTTP server (${names}) has already answered the request for ` +
        `${pathOf(request)}, which is a hot-update connection; it is left to it.`,
      names,
    )
  }

  /**
   * Another listener has answered a request that we have answered.
   *
   * @param {IncomingMessage} request
   * @param {string} by
   */
  onLater(request, by) {
    this.diagnostics.conflict(request, 'broken', by)
    this.warn(
      `another "upgrade" listener of the HTTP server (of ${by}) answered the request for ` +
        `${pathOf(request)} too, which breaks that hot-update connection; the page will come back, and meet ` +
        'it again.',
      by,
    )
  }

  /**
   * @param {string} what
   * @param {string} who
   */
  warn(what, who) {
    if (this.said.has(who)) return
    this.said.add(who)
    this.logger.warn(`vite-native-ws: ${what} ${REMEDY} This is said once.`)
  }
}

/** @param {Function} listener */
function describe(listener) {
  // Listeners of `once` stand for others.
  const { name } = /** @type {any} */ (listener).listener ?? listener
  if (name) return name
  const source = String(listener).replace(/\s+/g, ' ')
  return source.length > LONGEST_SOURCE ? `${source.slice(0, LONGEST_SOURCE)}…` : source
}

/** @param {IncomingMessage} request */
function pathOf({ url = '' }) {
  return url.split('?', 1)[0]
}

module.exports = { UpgradeConflicts }
