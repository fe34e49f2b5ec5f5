'use strict'

const constants = require('../native/constants.js')
const { createLogs } = require('./debug-log.js')
const { describeFullReload } = require('./reload-cause.js')
const { emptyStats } = require('./stats.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../vite/clients.js').Connection} Connection */
/** @typedef {import('../vite/clients.js').Clients} Clients */
/** @typedef {import('../native/native.js').NativeDelivery} NativeDelivery */
/** @typedef {import('../reconnect/sessions.js').Return} Return */
/** @typedef {keyof import('../../index.js').NativeWsStats['refusals']} RefusalReason */
/** @typedef {keyof import('../../index.js').NativeWsStats['reloads']} ReloadCause */
/**
 * One or several pages that are told to reload, or one that has by itself.
 *
 * @typedef {object} Reload
 * @property {ReloadCause} cause
 * @property {string} why For people.
 * @property {number} pages
 * @property {Connection} [connection] Of the only page.
 * @property {IncomingMessage} [request] Of a page that has no connection.
 * @property {boolean} [isDone] The page has reloaded by itself, and says so.
 */
/**
 * An observer of a server. Every member may be left out.
 *
 * @typedef {object} Observer
 * @property {(connection: Connection, clients: number) => void} [onOpened]
 * @property {(connection: Connection, code: number, reason: string) => void} [onClosed]
 * @property {(request: IncomingMessage, reason: RefusalReason, detail: string) => void} [onRefused]
 * @property {(request: IncomingMessage, what: string) => void} [onUpgrade] It was left to others, or
 *   was a `vite-ping`.
 * @property {(request: IncomingMessage) => void} [onAttempt] One of a connection check was accepted.
 * @property {(request: IncomingMessage, outcome: 'taken' | 'broken', by: string) => void} [onConflict]
 *   Another listener answered it before us, or as well.
 * @property {(text: string, clients: Clients) => NativeDelivery | undefined | void} [onBroadcast]
 * @property {(connection: Connection, text: string) => NativeDelivery | undefined | void} [onSent]
 * @property {(connection: Connection, data: Buffer, length: number, isBinary: boolean) => void} [onReceived]
 *   Only while the addon observes messages.
 * @property {(connection: Connection, frames: number, isClosing: boolean) => void} [onDropped]
 * @property {(connection: Connection, frames: number) => void} [onRecovered]
 * @property {(connection: Connection) => void} [onPinged] As `onReceived`.
 * @property {(connection: Connection, milliseconds: number) => void} [onPonged] As `onReceived`.
 * @property {(connection: Connection, reason: string) => void} [onDisconnected] The reason why it
 *   left is known; `onClosed` follows.
 * @property {(connection: Connection, visit: Return) => void} [onReturned] A page is back.
 * @property {(reload: Reload) => void} [onReload]
 * @property {(connection: Connection, reason: string) => void} [onPageGivenUp] A page will not come
 *   back; its last connection.
 * @property {() => void} [onEnd] The server has closed.
 * @property {boolean} [wantsKeepalive]
 */

/**
 * The place where a server takes its connections.
 *
 * @typedef {object} Endpoint
 * @property {import('node:http').Server | undefined} own The HTTP server of a port of its own.
 * @property {number | string} port That port.
 * @property {string} path
 * @property {'ws' | 'hmr'} option The member of Vite's `server` that has its options.
 * @property {number} keepalive Milliseconds.
 */

/** Diagnostics of one server: counters, always, and observers. */
class Diagnostics {
  constructor() {
    this.started = Date.now()
    this.clientsTotal = 0
    this.broadcasts = 0
    /** @type {Record<RefusalReason, number>} */
    this.refusals = emptyStats().refusals
    this.reloads = emptyStats().reloads
    this.conflicts = emptyStats().conflicts
    this.returns = 0
    this.pagesGivenUp = 0
    /** @type {Record<string, number>} */
    this.closes = {}
    /** @type {Record<string, number>} By reason. */
    this.disconnects = {}
    /** @type {Observer[]} */
    this.observers = createLogs()
    /** @type {Clients | undefined} */
    this.clients = undefined
    /** @type {import('../http/access.js').AccessRules | undefined} */
    this.access = undefined
    /** @type {Endpoint | undefined} */
    this.endpoint = undefined
    /** @type {() => import('../../index.js').NativeWsStats} */
    this.stats = emptyStats
    this.isEnded = false
  }

  /** @param {Clients} clients */
  attach(clients) {
    this.clients = clients
    this.tellKeepalive()
  }

  /** @param {Observer} observer */
  watch(observer) {
    this.observers = [...this.observers, observer]
    this.tellKeepalive()
  }

  /** @param {Observer} observer */
  unwatch(observer) {
    this.observers = this.observers.filter((other) => other !== observer)
    this.tellKeepalive()
  }

  /** Whether somebody is to hear of each event. */
  get isObserved() {
    return this.observers.length > 0
  }

  tellKeepalive() {
    const isWanted = this.observers.some(({ wantsKeepalive }) => wantsKeepalive)
    this.clients?.connections.native.observeKeepalive(isWanted)
  }

  /** @param {Connection} connection */
  opened(connection) {
    this.clientsTotal++
    if (connection.clientInfo) connection.clientInfo.number = this.clientsTotal
    for (const observer of this.observers) observer.onOpened?.(connection, this.clients?.size ?? 0)
  }

  /**
   * @param {Connection} connection
   * @param {number} code
   * @param {Buffer} reason
   */
  closed(connection, code, reason) {
    this.closes[code] = (this.closes[code] ?? 0) + 1
    for (const observer of this.observers) observer.onClosed?.(connection, code, String(reason))
  }

  /**
   * A page is back on another connection.
   *
   * @param {Connection} connection
   * @param {Return} visit
   */
  returned(connection, visit) {
    this.returns++
    for (const observer of this.observers) observer.onReturned?.(connection, visit)
  }

  /**
   * A page came back and gets a reload.
   *
   * @param {IncomingMessage} request
   * @param {'restart' | 'notResumed'} cause
   * @param {string} why For people.
   */
  notResumed(request, cause, why) {
    this.reload({ cause, why, pages: 1, request })
  }

  /** @param {Reload} reload */
  reload(reload) {
    this.reloads[reload.cause] += reload.pages
    for (const observer of this.observers) observer.onReload?.(reload)
  }

  /**
   * A page will not come back any more.
   *
   * @param {Connection} connection Its last one.
   * @param {string} reason For people.
   */
  givenUp(connection, reason) {
    this.pagesGivenUp++
    for (const observer of this.observers) observer.onPageGivenUp?.(connection, reason)
  }

  /**
   * @param {IncomingMessage} request
   * @param {RefusalReason} reason
   * @param {string} detail For people.
   */
  refused(request, reason, detail) {
    this.refusals[reason]++
    for (const observer of this.observers) observer.onRefused?.(request, reason, detail)
  }

  /**
   * @param {IncomingMessage} request
   * @param {string} what
   */
  upgrade(request, what) {
    for (const observer of this.observers) observer.onUpgrade?.(request, what)
  }

  /** @param {IncomingMessage} request Of a connection check; it was accepted. */
  attempt(request) {
    for (const observer of this.observers) observer.onAttempt?.(request)
  }

  /**
   * @param {IncomingMessage} request
   * @param {'taken' | 'broken'} outcome
   * @param {string} by
   */
  conflict(request, outcome, by) {
    this.conflicts[outcome]++
    for (const observer of this.observers) observer.onConflict?.(request, outcome, by)
  }

  /**
   * @param {string} text
   * @param {Clients} clients
   * @returns {NativeDelivery | undefined} A record of the receivers, while the inspector is open.
   */
  broadcast(text, clients) {
    this.broadcasts++
    const why = describeFullReload(text)
    if (why) this.reload({ cause: 'fullReload', why, pages: clients.size })
    let delivery
    for (const observer of this.observers)
      delivery = observer.onBroadcast?.(text, clients) ?? delivery
    return delivery
  }

  /**
   * @param {Connection} connection
   * @param {string} text
   * @returns {NativeDelivery | undefined}
   */
  sent(connection, text) {
    const why = describeFullReload(text)
    if (why) this.reload({ cause: 'fullReload', why, pages: 1, connection })
    let delivery
    for (const observer of this.observers)
      delivery = observer.onSent?.(connection, text) ?? delivery
    return delivery
  }

  /**
   * @param {Connection} connection
   * @param {number} frames
   * @param {boolean} isClosing
   */
  dropped(connection, frames, isClosing) {
    for (const observer of this.observers) observer.onDropped?.(connection, frames, isClosing)
  }

  /**
   * @param {Connection} connection
   * @param {Error & { code: string }} error
   */
  failed({ clientInfo }, { code }) {
    if (clientInfo) clientInfo.errorCode = code
  }

  /**
   * Events of the addon for diagnostics alone.
   *
   * @param {Connection} connection
   * @param {unknown} kind
   * @param {number} number
   * @param {any} value
   */
  onEvent(connection, kind, number, value) {
    const { EventKind } = constants
    if (kind === EventKind.Disconnected) return this.disconnected(connection, number)
    if (kind === EventKind.Recovered) {
      const why = `it did not read, and ${number} messages had been dropped`
      this.reload({ cause: 'overflow', why, pages: 1, connection })
    }
    for (const observer of this.observers) {
      if (kind === EventKind.ObservedText) observer.onReceived?.(connection, value, number, false)
      else if (kind === EventKind.ObservedBinary)
        observer.onReceived?.(connection, value, number, true)
      else if (kind === EventKind.KeepalivePing) observer.onPinged?.(connection)
      else if (kind === EventKind.KeepalivePong) observer.onPonged?.(connection, number)
      else if (kind === EventKind.Recovered) observer.onRecovered?.(connection, number)
    }
  }

  /**
   * @param {Connection} connection
   * @param {number} number Of a `DisconnectReason`.
   */
  disconnected(connection, number) {
    const reason = constants.disconnectReasons[number]
    this.disconnects[reason] = (this.disconnects[reason] ?? 0) + 1
    if (connection.clientInfo) connection.clientInfo.disconnectReason = reason
    for (const observer of this.observers) observer.onDisconnected?.(connection, reason)
  }

  /** The server closes. */
  end() {
    this.isEnded = true
    for (const observer of this.observers) observer.onEnd?.()
  }
}

module.exports = { Diagnostics }
