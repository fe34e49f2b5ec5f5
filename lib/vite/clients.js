'use strict'

const { Connections } = require('../connection/connections.js')
const constants = require('../native/constants.js')
const { ClientLog } = require('./client-log.js')
const { OPEN } = require('../ws/ready-state.js')
const { Pages } = require('./pages.js')
const WebSocket = require('../ws/websocket.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:events').EventEmitter} EventEmitter */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('./hot-channel.js').HotChannel} HotChannel */
/** @typedef {import('./hot-channel.js').Payload} Payload */
/** @typedef {import('../logger.js').Logger} Logger */
/** @typedef {import('../connection/connection.js').Connection<Client>} Connection */

/**
 * The clients of one server and their connections (Vite 8.3 `ws.ts`, the `connection` listener). A
 * page that may come back is one client over all its connections, and in between. The objects that
 * plugins see of one are made when the first of them looks.
 */
class Clients {
  /**
   * @param {object} options
   * @param {import('../native/native.js').ServerOptions} options.native Options of the addon.
   * @param {boolean} options.connectEvents
   * @param {string} options.instance Names this server instance.
   * @param {boolean} options.canResume Whether pages may come back on another connection.
   * @param {number} options.maxAge Milliseconds that they may be away.
   * @param {boolean} options.replaysEvents Whether they get the custom events that they missed, and
   *   are not reloaded for them.
   * @param {import('../reconnect/update-history.js').UpdateHistory} options.history
   * @param {EventEmitter} options.events The server's own events.
   * @param {Logger} options.logger
   * @param {import('../diagnostics/diagnostics.js').Diagnostics} options.diagnostics
   */
  constructor(options) {
    const { native, connectEvents, events, logger, diagnostics } = options
    this.connectEvents = connectEvents
    this.events = events
    this.log = new ClientLog(logger)
    this.diagnostics = diagnostics
    /** @type {Connections<Client>} */
    this.connections = new Connections(native, this)
    this.history = options.history
    this.pages = options.canResume ? new Pages(this, options) : undefined
    this.replaysEvents = options.replaysEvents
    /** @type {Map<number, Connection>} Pings are not among them. */
    this.tracked = new Map()
    /** @type {Payload | undefined} The error that pages show. */
    this.error = undefined
    /** @type {HotChannel | undefined} */
    this.channel = undefined
    diagnostics.attach(this)
  }

  /** Those that are connected. */
  get size() {
    return this.tracked.size
  }

  /** A new set each time, of the same objects: those that are connected, or may come back. */
  toSet() {
    const connected = Array.from(this.tracked.values(), ({ owner }) => owner)
    const clients = [...connected, ...(this.pages?.sessions.awayClients ?? [])]
    return new Set(clients.map((client) => /** @type {Client} */ (client).handle))
  }

  /** Whether somebody gets what is sent now, at once or when coming back. */
  get hasAudience() {
    return this.size > 0 || (this.pages?.sessions.hasSessions ?? false)
  }

  /** @param {Payload} payload */
  broadcast(payload) {
    const text = JSON.stringify(payload)
    if (text === undefined || !this.hasAudience) return
    const delivery = this.diagnostics.broadcast(text, this)
    this.connections.broadcast(text, this.isReplayed(payload), delivery)
    this.noteUpdate(payload)
  }

  /**
   * Vite's client shows an error until an update comes.
   *
   * @param {Payload} payload It is about to be sent to all.
   */
  noteError(payload) {
    if (payload.type === 'error') this.error = payload
    else if (payload.type === 'update' || payload.type === 'full-reload') this.error = undefined
  }

  /** @param {Payload} payload It has been sent. */
  noteUpdate(payload) {
    if (payload.type !== 'update' || !this.pages?.sessions.hasSessions) return
    this.history.onSent(payload, this.connections.native.lastSequence())
  }

  /**
   * A page that missed a message that is not sent again reloads; the answer to a call is awaited.
   *
   * @param {Payload} payload
   */
  isReplayed({ type, event }) {
    return type !== 'custom' || event === 'vite:invoke' || this.replaysEvents
  }

  /**
   * @param {Connection} connection
   * @param {IncomingMessage} request
   */
  emitConnection(connection, request) {
    if (this.events.listenerCount('connection') === 0) return
    const socket = this.webSocketOf(connection, constants.Subscription.Everything)
    this.events.emit('connection', socket, request)
  }

  /**
   * @param {Client} client
   * @param {Payload} payload It waits for a page that may come back.
   */
  sendTo({ connection, session }, payload) {
    const text = JSON.stringify(payload)
    if (text === undefined) return
    if (session) {
      const delivery = this.diagnostics.sent(connection, text)
      this.connections.sendToSession(
        connection,
        session.number,
        text,
        this.isReplayed(payload),
        delivery,
      )
      return this.noteUpdate(payload)
    }
    if (this.maySendTo(connection)) this.sendText(connection, text)
  }

  /** @param {Connection} connection */
  maySendTo({ isClosing, webSocket }) {
    return webSocket ? webSocket.readyState === OPEN : !isClosing
  }

  /**
   * @param {Connection} connection
   * @param {string} text A payload of Vite's protocol.
   */
  sendText(connection, text) {
    const delivery = this.diagnostics.sent(connection, text)
    this.connections.sendPayload(connection, text, delivery)
  }

  /**
   * @param {Connection} connection
   * @param {number} [subscriptions] Events that the addon always reports of it.
   */
  webSocketOf(connection, subscriptions = constants.Subscription.Events) {
    if (connection.webSocket) return connection.webSocket
    const webSocket = new WebSocket(null)
    webSocket.on('error', (error) => this.log.socketError(error))
    webSocket._open(connection, subscriptions)
    return webSocket
  }

  /**
   * Dispatches `vite:client:connect` or `vite:client:disconnect`.
   *
   * @param {string} event
   * @param {Client} client
   */
  emitConnectEvent(event, client) {
    if (this.connectEvents) this.channel?.emit(event, undefined, () => client.handle)
  }

  /**
   * @param {Connection} connection
   * @param {Buffer | string} data
   * @param {boolean} isBinary
   */
  onMessage(connection, data, isBinary) {
    const { webSocket } = connection
    if (webSocket) webSocket._receive(() => this.deliver(connection, data, isBinary))
    else this.deliver(connection, data, isBinary)
  }

  /**
   * @param {Connection} connection
   * @param {Buffer | string} data
   * @param {boolean} isBinary
   */
  deliver(connection, data, isBinary) {
    const { owner } = connection
    if (owner) this.channel?.receive(String(data), () => owner.handle)
    if (typeof data !== 'string') connection.webSocket?._emitMessage(data, isBinary)
  }

  /**
   * @param {Connection} connection
   * @param {Error & { code: string }} error
   */
  onError(connection, error) {
    this.diagnostics.failed(connection, error)
    if (connection.webSocket) connection.webSocket._onError(error)
    else this.log.socketError(error)
  }

  /**
   * @param {Connection} connection
   * @param {number} code
   * @param {Buffer} reason
   */
  onClosed(connection, code, reason) {
    // One that is first looked at during its `close` event has ended already.
    const { owner, webSocket } = connection
    const isTracked = this.tracked.delete(connection.id)
    if (isTracked) this.diagnostics.closed(connection, code, reason)
    // A page that is back has taken up its newer connection.
    const isLast = isTracked && owner?.connection === connection
    if (isLast && this.pages?.mayComeBack(owner, code)) return this.pages.onAway(connection)
    if (isTracked && !isLast && this.pages) return this.pages.onReplaced(connection)
    try {
      webSocket?._setClosed(code, reason)
    } finally {
      try {
        if (isLast) this.leave(owner)
      } finally {
        webSocket?._emitClose()
      }
    }
  }

  /**
   * A client has left.
   *
   * @param {Client} client
   */
  leave(client) {
    this.pages?.onLeaving(client)
    this.emitConnectEvent('vite:client:disconnect', client)
  }

  /** The server closes: clients that are away have left. */
  close() {
    this.pages?.close()
    return this.connections.close()
  }

  /**
   * @param {Connection} connection
   * @param {number} frames
   * @param {boolean} isClosing
   */
  onDropped(connection, frames, isClosing) {
    this.diagnostics.dropped(connection, frames, isClosing)
    this.log.dropped(connection, frames, isClosing)
  }

  /**
   * @param {Connection} connection
   * @param {unknown} kind
   * @param {number} number
   * @param {any} value
   */
  onEvent(connection, kind, number, value) {
    if (!this.tracked.has(connection.id)) return
    if (kind === constants.EventKind.Hello) this.onHello(connection, number === 1)
    else this.diagnostics.onEvent(connection, kind, number, value)
  }

  /**
   * A page says on its first connection that it can come back.
   *
   * What failed while a page was loaded again has been told before it was there; whatever overlay
   * others show, it shows as well.
   *
   * @param {Connection} connection
   * @param {boolean} isReloaded Whether it has been reloaded since it could not go on.
   */
  onHello(connection, isReloaded) {
    this.pages?.sessions.begin(connection)
    const { owner } = connection
    if (isReloaded && this.error && owner) this.sendTo(owner, this.error)
    this.connections.onOrdered()
  }

  /**
   * A listener of Vite's own failed on what a client sent.
   *
   * @param {string} event
   * @param {unknown} error
   * @param {import('./client.js').ClientHandle} client
   */
  onListenerFailure(event, error, client) {
    this.log.listenerFailure(event, error, () =>
      [...this.tracked.values()].find(({ owner }) => owner?.known === client),
    )
  }
}

module.exports = { Clients }
