'use strict'

/** @typedef {import('./host.js').Host} Host */

/**
 * The reload of a page that cannot go on. Vite's client would first ask for the server from a shared
 * worker, which a policy may forbid; here the server has been heard of. Browser code, see
 * `browser-source.js`.
 */
class PageReload {
  /**
   * @param {any} environment `globalThis`, of a page, of a worker or of Node.
   * @param {Host} host
   * @param {{ reloadTries: number, lastRetry: number }} settings
   * @param {string | undefined} source The URL of Vite's client.
   */
  constructor(environment, host, { reloadTries, lastRetry }, source) {
    this.environment = environment
    this.location = environment.document && environment.location
    this.host = host
    this.tries = reloadTries
    this.pause = lastRetry
    this.source = source
    this.isBegun = false
  }

  /** Whether there is something to be reloaded: workers are not. */
  get isPossible() {
    return this.location !== undefined
  }

  /**
   * A page that is reloaded while HTTP is still dead is gone.
   *
   * @param {string} mark What the next document finds.
   */
  async begin(mark) {
    if (this.isBegun) return
    this.isBegun = true
    for (let count = 0; count < this.tries; count++) {
      /** @type {Promise<boolean>} */
      const pause = new Promise((resolve) => this.host.setTimeout(() => resolve(false), this.pause))
      // On a connection that hangs there is no answer at all.
      if (await Promise.race([this.isServed(), pause])) break
      await pause
    }
    this.withMark((storage, name) => storage.setItem(name, mark))
    this.location.reload()
  }

  /** @returns {string | undefined} What the last document left if it was reloaded so. Once. */
  takeMark() {
    return this.withMark((storage, name) => {
      const mark = storage.getItem(name)
      storage.removeItem(name)
      return mark
    })
  }

  /**
   * @param {(storage: any, name: string) => any} act What lasts from one document of a tab to the next.
   */
  withMark(act) {
    try {
      return this.location && act(this.environment.sessionStorage, 'vite-native-ws')
    } catch {
      // Storage can be forbidden.
      return undefined
    }
  }

  async isServed() {
    if (this.source === undefined) return true
    try {
      return (await this.host.fetch(this.source, { cache: 'no-store' })).ok
    } catch {
      return false
    }
  }
}

module.exports = { PageReload }
