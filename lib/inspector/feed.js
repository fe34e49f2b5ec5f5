'use strict'

const { nameOf } = require('../diagnostics/client-info.js')

/** @typedef {import('node:http').ServerResponse} ServerResponse */
/** @typedef {import('./recorder.js').Recorder} Recorder */
/** @typedef {import('./recorder.js').Entry} Entry */
/** @typedef {import('../diagnostics/diagnostics.js').Diagnostics} Diagnostics */

/** Interval of news for the page, in milliseconds. */
const TICK_MS = 250
/** Interval of pings while a page watches, in milliseconds, so that round trips are fresh. */
const PING_MS = 5000
/** Delay after the last page has left, before all is forgotten: a reloaded page comes back. */
const LINGER_MS = 3000

/** The feed of the pages that watch one server; nothing runs while there is none. */
class Feed {
  /**
   * @param {object} options
   * @param {Diagnostics} options.diagnostics
   * @param {Recorder} options.recorder
   * @param {object} options.about Sent to every page once.
   */
  constructor({ diagnostics, recorder, about }) {
    this.diagnostics = diagnostics
    this.recorder = recorder
    this.about = about
    /** @type {Map<ServerResponse, { isBehind: boolean }>} */
    this.pages = new Map()
    this.isOn = false
    /** @type {Map<number, string>} The last row sent of each client. */
    this.sentRows = new Map()
    this.sentSeq = 0
    /** @type {NodeJS.Timeout[]} */
    this.timers = []
    /** @type {NodeJS.Timeout | undefined} */
    this.linger = undefined
    this.observer = observerOf(recorder, () => this.end())
  }

  /** @param {ServerResponse} response An answer whose head has been written. */
  add(response) {
    if (this.diagnostics.isEnded) return void response.end()
    clearTimeout(this.linger)
    this.start()
    this.tick()
    this.pages.set(response, { isBehind: false })
    response.write(this.hello())
    response.on('drain', () => this.catchUp(response))
    response.on('close', () => this.remove(response))
  }

  /** @param {ServerResponse} response */
  remove(response) {
    if (!this.pages.delete(response) || this.pages.size > 0) return
    this.linger = setTimeout(() => this.stop(), LINGER_MS).unref()
  }

  start() {
    const { diagnostics } = this
    const native = diagnostics.clients?.connections.native
    if (this.isOn || !native) return
    this.isOn = true
    for (const connection of diagnostics.clients?.tracked.values() ?? []) {
      this.recorder.meet(connection)
    }
    diagnostics.watch(this.observer)
    native.observeMessages(this.recorder.payloadBytes)
    native.pingAll()
    this.timers = [
      setInterval(() => this.tick(), TICK_MS).unref(),
      setInterval(() => native.pingAll(), PING_MS).unref(),
    ]
  }

  stop() {
    if (!this.isOn) return
    this.isOn = false
    clearTimeout(this.linger)
    for (const timer of this.timers) clearInterval(timer)
    this.diagnostics.unwatch(this.observer)
    this.diagnostics.clients?.connections.native.observeMessages()
    this.recorder.clear()
    this.sentRows.clear()
  }

  /** The server has closed: pages come back by themselves when there is another. */
  end() {
    for (const response of this.pages.keys()) response.end(event('end', {}))
    this.pages.clear()
    this.stop()
  }

  /** Sends all pages what is new. */
  tick() {
    const { recorder } = this
    const { perClient, ...stats } = this.diagnostics.stats()
    const rows = perClient.map((client) => this.rowOf(client))
    const changed = rows.filter((row) => {
      const text = JSON.stringify(row)
      const isNew = this.sentRows.get(row.id) !== text
      if (isNew) this.sentRows.set(row.id, text)
      return isNew
    })
    const present = new Set(rows.map(({ id }) => id))
    for (const id of this.sentRows.keys()) if (!present.has(id)) this.sentRows.delete(id)
    const settled = recorder.follow()
    const fresh = recorder.ring.toArray().filter(({ seq }) => seq > this.sentSeq)
    const news = settled.filter(({ seq }) => seq <= this.sentSeq)
    const gone = recorder.departures.filter(({ seq }) => seq > this.sentSeq)
    this.sentSeq = recorder.seq
    if (this.pages.size === 0) return
    const text = event('tick', {
      time: Date.now(),
      stats,
      clients: changed,
      gone,
      entries: fresh.map(withoutPayload),
      settled: news.map(({ seq, delivery }) => ({ seq, delivery })),
    })
    for (const [response, page] of this.pages) {
      if (response.writableNeedDrain) page.isBehind = true
      else response.write(text)
    }
  }

  /** @param {ServerResponse} response A page that was too slow for what was new. */
  catchUp(response) {
    const page = this.pages.get(response)
    if (!page?.isBehind) return
    page.isBehind = false
    response.write(this.hello())
  }

  /** All that is known. */
  hello() {
    const { recorder, about } = this
    const { perClient, ...stats } = this.diagnostics.stats()
    return event('hello', {
      about,
      time: Date.now(),
      limits: { messages: recorder.ring.most },
      stats,
      clients: perClient.map((client) => this.rowOf(client)),
      gone: recorder.departures,
      entries: recorder.ring.toArray().map(withoutPayload),
    })
  }

  /** @param {import('../../index.js').NativeWsClientStats} client */
  rowOf({ id, address, userAgent, transport, connectedSince, roundTrip, ...counters }) {
    const { queuedBytes, messages, bytes } = counters
    return {
      id,
      address,
      name: nameOf(userAgent),
      transport,
      since: connectedSince,
      roundTrip: roundTrip === null ? null : Math.round(roundTrip * 100) / 100,
      queued: queuedBytes,
      messages: [messages.in, messages.out],
      bytes: [bytes.in, bytes.out],
      isStalled: this.recorder.stalled.has(id),
    }
  }
}

/**
 * @param {Recorder} recorder
 * @param {() => void} onEnd
 * @returns {import('../diagnostics/diagnostics.js').Observer}
 */
function observerOf(recorder, onEnd) {
  return {
    onBroadcast: (text, clients) => recorder.onBroadcast(text, clients),
    onSent: (connection, text) => recorder.onSent(connection, text),
    onReceived: (...args) => recorder.onReceived(...args),
    onOpened: (connection) => recorder.onOpened(connection),
    onClosed: (...args) => recorder.onClosed(...args),
    onRefused: (...args) => recorder.onRefused(...args),
    onConflict: (...args) => recorder.onConflict(...args),
    onDropped: (...args) => recorder.onDropped(...args),
    onRecovered: (connection) => recorder.onRecovered(connection),
    onReturned: (...args) => recorder.onReturned(...args),
    onReload: (reload) => recorder.onReload(reload),
    onPageGivenUp: (...args) => recorder.onPageGivenUp(...args),
    onEnd,
  }
}

/** @param {Entry} entry */
function withoutPayload({ payload, ...entry }) {
  return { ...entry, hasPayload: payload !== undefined }
}

/**
 * A server-sent event.
 *
 * @param {string} name
 * @param {object} data
 */
function event(name, data) {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

module.exports = { Feed }
