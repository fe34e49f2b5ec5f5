'use strict'

/** @typedef {import('./host.js').Host} Host */

/**
 * One line for a page that does not connect: where it says why. Vite's client tries twice, with a
 * socket each, and they share this. Browser code, see `browser-source.js`.
 */
class CheckHint {
  /**
   * @param {{ check?: string, lastTry: number }} settings
   * @param {Host} host
   * @param {string | undefined} source The URL of Vite's client.
   */
  constructor({ check, lastTry }, host, source) {
    this.host = host
    this.lastTry = lastTry
    /** @type {string | undefined} */
    this.address = undefined
    try {
      if (check) this.address = new URL(check, source).href
    } catch {
      // A client that was bundled into a blob has an address without a path.
    }
    this.connecting = 0
    this.isDone = false
  }

  onTry() {
    this.connecting++
  }

  onOpen() {
    this.isDone = true
  }

  /** A socket has ended before it opened. Another may follow. */
  onFailed() {
    this.connecting--
    this.host.setTimeout(() => this.say(), this.lastTry)
  }

  say() {
    if (this.isDone || this.connecting > 0 || !this.address) return
    this.isDone = true
    this.host.console.warn(`[vite-native-ws] no connection to the dev server. Why: ${this.address}`)
  }
}

module.exports = { CheckHint }
