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
   * @param {object} on
   * @param {(url: string) => void} on.styleFailed A style sheet did not load.
   * @param {() => void} on.spoiled Something that was asked for before the return shows behind it that
   *   the page is not what it should be.
   * @param {(time: number) => boolean} on.wasImporting Whether Vite imported an update at that time.
   */
  constructor(environment, settings, source, on) {
    const { document, performance, PerformanceObserver } = environment
    this.document = document
    this.settings = settings
    this.source = source
    this.origins = [source, environment.location?.href].map((url) => url && new URL(url).origin)
    this.performance = performance
    this.on = on
    /** @type {number[]} When the last messages were delivered; of the page's own clock. */
    this.deliveries = []
    /** When a request that followed one of them ended last, and when one failed last. */
    this.followedAt = Number.NEGATIVE_INFINITY
    this.failedAt = Number.NEGATIVE_INFINITY
    /** When a module ended last that no update had asked for, and when something was heard last. */
    this.loadedAt = Number.NEGATIVE_INFINITY
    this.heardAt = Number.NEGATIVE_INFINITY
    this.lostAt = Number.NEGATIVE_INFINITY
    /** From when on the page was not told of what it may have loaded. */
    this.deafSince = Number.POSITIVE_INFINITY
    /** When the page came back to messages that it had missed. */
    this.replayedAt = Number.NEGATIVE_INFINITY
    this.isAway = false
    if (!performance || !document) return
    document.addEventListener?.('error', (/** @type {any} */ event) => this.onError(event), true)
    if (!PerformanceObserver?.supportedEntryTypes?.includes('resource')) return
    this.observer = new PerformanceObserver((/** @type {any} */ list) => {
      for (const entry of list.getEntries()) this.onEntry(entry)
    })
    this.observer.observe({ type: 'resource' })
  }

  /** Something has come from the server. */
  onHeard() {
    if (this.performance) this.heardAt = this.performance.now()
  }

  onDelivered() {
    if (!this.performance) return
    this.deliveries.push(this.performance.now())
    if (this.deliveries.length > 32) this.deliveries.shift()
  }

  /** @param {boolean} isSilent Whether it is by its silence that the connection counts as lost. */
  onLost(isSilent) {
    this.isAway = true
    if (!this.performance) return
    // The connection may have been lost a while before the page could know.
    const now = this.performance.now()
    this.lostAt = now
    this.deafSince = isSilent ? this.heardAt : now
    if (now - this.followedAt < this.settings.unnoticed) this.failedAt = now
  }

  /** @param {number} missed Messages that follow. */
  onBack(missed) {
    this.isAway = false
    if (missed > 0 && this.performance) this.replayedAt = this.performance.now()
  }

  /**
   * Whether the page has loaded a module by itself, a route say, since it has heard nothing. It is as new
   * as the update that the page has missed, which then would not be applied: its module has run.
   */
  get hasOvertaken() {
    for (const entry of this.observer?.takeRecords() ?? []) this.onEntry(entry)
    return this.loadedAt > this.deafSince
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
    // Both are names for what asks for a module.
    const isScript = ['script', 'other'].includes(initiatorType)
    if (isScript && url.protocol.startsWith('http') && !this.isOwn(url))
      this.onModule(startTime, responseEnd, isFailed)
    if (!isData || this.isOwn(url) || !this.isFollower(startTime)) return
    // The status is that of the beginning: the rest of a body may not have come.
    if (isFailed || this.isAway) this.failedAt = responseEnd
    else this.followedAt = responseEnd
  }

  /**
   * @param {number} begun
   * @param {number} ended
   * @param {boolean} isFailed
   */
  onModule(begun, ended, isFailed) {
    if (isFailed) {
      if (begun < this.lostAt && !this.isAway) this.on.spoiled()
    } else if (this.document.readyState === 'complete' && !this.on.wasImporting(begun)) {
      this.loadedAt = Math.max(this.loadedAt, ended)
      if (begun < this.replayedAt && ended > this.replayedAt) this.on.spoiled()
    }
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
    if (target?.localName === 'link' && target.rel === 'stylesheet')
      this.on.styleFailed(target.href)
  }
}

module.exports = { RequestWatch }
