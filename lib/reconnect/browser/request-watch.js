'use strict'

/** @typedef {import('./settings.js').ReconnectSettings} ReconnectSettings */

/**
 * Requests of the page that an outage may have spoiled: a route that was imported at the wrong
 * moment, data that a framework fetches because of a custom event. Browser code, see
 * `browser-source.js`.
 */
class RequestWatch {
  /**
   * @param {any} environment `globalThis`, of a page, of a worker or of Node.
   * @param {ReconnectSettings} settings
   * @param {string | undefined} source The URL of Vite's client; others are of no interest.
   * @param {(url: string) => void} onStyleFailed A style sheet did not load.
   */
  constructor(environment, settings, source, onStyleFailed) {
    const { document, performance, PerformanceObserver } = environment
    this.settings = settings
    this.source = source
    this.origins = [source, environment.location?.href].map((url) => url && new URL(url).origin)
    this.performance = performance
    this.onStyleFailed = onStyleFailed
    /** @type {number[]} When the last messages were delivered; of the page's own clock. */
    this.deliveries = []
    /** When a request that followed one of them ended last, and when one failed last. */
    this.followedAt = Number.NEGATIVE_INFINITY
    this.failedAt = Number.NEGATIVE_INFINITY
    this.isAway = false
    if (!performance || !document) return
    document.addEventListener?.('error', (/** @type {any} */ event) => this.onError(event), true)
    if (!PerformanceObserver?.supportedEntryTypes?.includes('resource')) return
    new PerformanceObserver((/** @type {any} */ list) => {
      for (const entry of list.getEntries()) this.onEntry(entry)
    }).observe({ type: 'resource' })
  }

  onDelivered() {
    if (!this.performance) return
    this.deliveries.push(this.performance.now())
    if (this.deliveries.length > 32) this.deliveries.shift()
  }

  onLost() {
    this.isAway = true
    if (!this.performance) return
    // The connection may have been lost a while before the page could know.
    const now = this.performance.now()
    if (now - this.followedAt < this.settings.unnoticed) this.failedAt = now
  }

  onBack() {
    this.isAway = false
  }

  /** Whether one failed lately. */
  get hasFailed() {
    if (!this.performance) return false
    return this.performance.now() - this.failedAt < this.settings.doubt
  }

  /** @param {any} entry A `PerformanceResourceTiming`. */
  onEntry({ name, initiatorType, startTime, responseEnd, responseStatus }) {
    const url = new URL(name)
    if (responseStatus === undefined || !this.origins.includes(url.origin)) return
    const isFailed = responseStatus === 0 || responseStatus > 500
    const isData = ['fetch', 'xmlhttprequest', 'beacon'].includes(initiatorType)
    if (!isData && isFailed) this.failedAt = responseEnd
    if (!isData || this.isOwn(url) || !this.isFollower(startTime)) return
    // The status is that of the beginning: the rest of a body may not have come.
    if (isFailed || this.isAway) this.failedAt = responseEnd
    else this.followedAt = responseEnd
  }

  /** @param {URL} url Of a ping, or of the code that names the server: no data of the page. */
  isOwn({ href, searchParams }) {
    return href === this.source || searchParams.has('vite-native-ws')
  }

  /** @param {number} startTime */
  isFollower(startTime) {
    return this.deliveries.some(
      (time) => time <= startTime && startTime - time < this.settings.effect,
    )
  }

  /** @param {any} event */
  onError({ target }) {
    if (target?.localName === 'link' && target.rel === 'stylesheet') this.onStyleFailed(target.href)
  }
}

module.exports = { RequestWatch }
