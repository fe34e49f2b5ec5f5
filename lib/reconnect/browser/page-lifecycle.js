'use strict'

/**
 * Lifecycle events of a page or a worker: it wakes, or is about to go.
 * Browser code, see `browser-source.js`.
 */
class Page {
  /**
   * @param {any} environment `globalThis`, of a page, of a worker or of Node.
   * @param {{ leaving: number }} settings How long a page that says so counts as leaving, ms.
   * @param {() => void} onWake The network, the tab or the page from the history is back.
   */
  constructor(environment, { leaving }, onWake) {
    const { document } = environment
    this.now = environment.Date.now
    this.leaving = leaving
    this.leftAt = Number.NEGATIVE_INFINITY
    const onLeave = () => {
      this.leftAt = this.now()
    }
    const onShow = (/** @type {any} */ { persisted }) => {
      if (!persisted) return
      this.leftAt = Number.NEGATIVE_INFINITY
      onWake()
    }
    /** @type {[any, string, (event: any) => void][]} */
    this.listeners = [
      [environment, 'online', onWake],
      [environment, 'pageshow', onShow],
      [environment, 'pagehide', onLeave],
      [environment, 'beforeunload', onLeave],
      [document, 'visibilitychange', () => document.visibilityState === 'visible' && onWake()],
    ]
    for (const [target, type, listener] of this.listeners)
      target?.addEventListener?.(type, listener)
  }

  /** A dialog, a download or a mail link may have kept the page, so this ends by itself. */
  get isLeaving() {
    return this.now() - this.leftAt < this.leaving
  }

  release() {
    for (const [target, type, listener] of this.listeners.splice(0)) {
      target?.removeEventListener?.(type, listener)
    }
  }
}

module.exports = { Page }
