'use strict'

const { Connections } = require('../connection/connections.js')
const constants = require('../native/constants.js')
const { toPayload } = require('./hot-channel.js')
const { red } = require('../logger.js')
const { OPEN } = require('../ws/ready-state.js')
const { CANNOT_RESUME, Sessions } = require('../reconnect/sessions.js')
const { ClientInfo } = require('../diagnostics/client-info.js')
const { limitLines } = require('../diagnostics/log-limit.js')
const WebSocket = require('../ws/websocket.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:events').EventEmitter} EventEmitter */
/** @typedef {import('../connection/adopt.js').NodeSocket} NodeSocket */
/** @typedef {import('./hot-channel.js').HotChannel} HotChannel */
/** @typedef {import('./hot-channel.js').Payload} Payload */
/** @typedef {import('../logger.js').Logger} Logger */
/** @typedef {{ send(...args: unknown[]): void, readonly socket: WebSocket }} Client */
/** @typedef {import('../connection/connections.js').Connection<Client>} Connection */

/**
 * The browsers connected to one server (Vite 8.3 `ws.ts`, the `connection` listener). The objects
 * that plugins see of one are made when the first of them looks.
 */
class Clients {
  /**
   * @param {object} options
   * @param {import('../native/native.js').ServerOptions} options.native Options of the addon.
   * @param {boolean} options.bridgeOnly
   * @param {boolean} options.connectEvents
   * @param {string} options.instance Names this server instance.
   * @param {boolean} options.canResume Whether pages may come back on another connection.
   * @param {boolean} options.replaysEvents Whether they get the custom events that they missed.
   * @param {EventEmitter} options.events The server's own events.
   * @param {Logger} options.logger
   * @param {import('../diagnostics/diagnostics.js').Diagnostics} options.diagnostics
   */
  constructor(options) {
    const { native, bridgeOnly, connectEvents, events, logger, diagnostics } = options
    this.bridgeOnly = bridgeOnly
    this.connectEvents = connectEvents
    this.events = events
    this.logger = logger
    this.limitFailures = limitLines((line) => logger.error(line))
    this.limitErrors = limitLines((line) => logger.error(line))
    this.diagnostics = diagnostics
    /** @type {Connections<Client>} */
    this.connections = new Connections(native, this)
    this.sessions = options.canResume
      ? new Sessions(this.connections.native, options.instance)
      : undefined
    this.replaysEvents = options.replaysEvents
    /** @type {Map<number, Connection>} Pings are not among them. */
    this.tracked = new Map()
    /** @type {HotChannel | undefined} */
    this.channel = undefined
    diagnostics.attach(this)
  }

  get size() {
    return this.tracked.size
  }

  /** A new set each time, of the same objects. */
  toSet() {
    return new Set(Array.from(this.tracked.values(), (connection) => this.clientOf(connection)))
  }

  /** Whether somebody gets what is sent now, at once or when coming back. */
  get hasAudience() {
    return this.size > 0 || (this.sessions?.hasSessions ?? false)
  }

  /** @param {Payload} payload */
  broadcast(payload) {
    const text = JSON.stringify(payload)
    if (text === undefined || !this.hasAudience) return
    const delivery = this.diagnostics.broadcast(text, this)
    this.connections.broadcast(text, this.isReplayed(payload), delivery)
  }

  /**
   * A custom event was meant for the moment; the answer to a call is awaited.
   *
   * @param {Payload} payload
   */
  isReplayed({ type, event }) {
    return type !== 'custom' || event === 'vite:invoke' || this.replaysEvents
  }

  /**
   * Takes a socket whose 101 has been written.
   *
   * @param {NodeSocket} socket
   * @param {IncomingMessage} request
   * @param {Uint8Array} head
   * @param {string} protocol
   * @param {() => string[]} welcome What the client is owed behind `connected`, as JSON.
   */
  add(socket, request, head, protocol, welcome) {
    const { bridgeOnly, connections } = this
    const visit = this.sessions?.read(request.url) ?? 'plain'
    if (visit === 'cannot-resume') return this.acceptAndClose(socket, head, protocol, CANNOT_RESUME)
    const session = visit === 'plain' ? undefined : visit.session.number
    // A listener of connections may begin to listen to the socket itself later in this turn.
    const isWatched = this.events.listenerCount('connection') > 0
    const subscriptions = isWatched
      ? constants.Subscription.Everything
      : constants.Subscription.Events
    const options = { protocol, bridgeOnly, isTracked: true, subscriptions, session }
    const connection = connections.add(socket, head, options)
    connection.clientInfo = new ClientInfo(request, Date.now())
    this.tracked.set(connection.id, connection)
    this.diagnostics.opened(connection)
    try {
      if (visit !== 'plain') this.sessions?.greet(connection, visit)
      this.greet(connection, request, welcome, visit !== 'plain' && visit.since !== undefined)
    } finally {
      connections.start(connection)
    }
  }

  /**
   * @param {Connection} connection
   * @param {IncomingMessage} request
   * @param {() => string[]} welcome
   * @param {boolean} isBack Whether its page has had all this before.
   */
  greet(connection, request, welcome, isBack) {
    this.emitConnectEvent('vite:client:connect', connection)
    // Who is back has had what is owed from the journal; nobody else is owed it after that.
    const owed = welcome()
    if (!isBack) {
      this.sendTo(connection, { type: 'connected' })
      for (const text of owed) this.sendText(connection, text, true)
    }
    if (this.events.listenerCount('connection') === 0) return
    const socket = this.webSocketOf(connection, constants.Subscription.Everything)
    this.events.emit('connection', socket, request)
  }

  /**
   * Opens a connection whose opening and closing is its whole answer, such as a `vite-ping`.
   *
   * @param {NodeSocket} socket
   * @param {Uint8Array} head
   * @param {string} protocol
   * @param {number} [code]
   */
  acceptAndClose(socket, head, protocol, code = 1000) {
    const { bridgeOnly, connections } = this
    const options = {
      protocol,
      bridgeOnly,
      isTracked: false,
      subscriptions: constants.Subscription.Nothing,
    }
    const connection = connections.add(socket, head, options)
    connection.close(code, new Uint8Array())
    connections.start(connection)
  }

  /**
   * @param {Connection} connection
   * @param {Payload} payload
   */
  sendTo(connection, payload) {
    const text = JSON.stringify(payload)
    const isOpen = !connection.webSocket || connection.webSocket.readyState === OPEN
    if (isOpen && text !== undefined) this.sendText(connection, text, this.isReplayed(payload))
  }

  /**
   * @param {Connection} connection
   * @param {string} text A payload of Vite's protocol.
   * @param {boolean} isReplayed
   */
  sendText(connection, text, isReplayed) {
    const delivery = this.diagnostics.sent(connection, text)
    this.connections.sendPayload(connection, text, isReplayed, delivery)
  }

  /**
   * @param {Connection} connection
   * @returns {Client} The same object each time: Vite and plugins key maps by it.
   */
  clientOf(connection) {
    const { webSocketOf } = this
    connection.owner ??= {
      send: (...args) => this.sendTo(connection, toPayload(args)),
      get socket() {
        return webSocketOf(connection)
      },
    }
    return connection.owner
  }

  /**
   * @param {Connection} connection
   * @param {number} [subscriptions] What the addon reports of it, whoever listens.
   */
  webSocketOf = (connection, subscriptions = constants.Subscription.Events) => {
    if (connection.webSocket) return connection.webSocket
    const webSocket = new WebSocket(null)
    webSocket.on('error', (error) => this.logSocketError(error))
    webSocket._open(connection, subscriptions)
    return webSocket
  }

  /**
   * Dispatches `vite:client:connect` or `vite:client:disconnect`.
   *
   * @param {string} event
   * @param {Connection} connection
   */
  emitConnectEvent(event, connection) {
    if (this.connectEvents) this.channel?.emit(event, undefined, () => this.clientOf(connection))
  }

  /**
   * @param {Connection} connection
   * @param {Buffer | string} data
   * @param {boolean} isBinary
   */
  onMessage(connection, data, isBinary) {
    if (this.tracked.has(connection.id)) {
      this.channel?.receive(String(data), () => this.clientOf(connection))
    }
    if (typeof data !== 'string') connection.webSocket?._onMessage(data, isBinary)
  }

  /**
   * @param {Connection} connection
   * @param {Error & { code: string }} error
   */
  onError(connection, error) {
    this.diagnostics.failed(connection, error)
    if (connection.webSocket) connection.webSocket._onError(error)
    else this.logSocketError(error)
  }

  /**
   * @param {Connection} connection
   * @param {number} code
   * @param {Buffer} reason
   */
  onClosed(connection, code, reason) {
    // One that is first looked at while its end is told has ended already.
    const { webSocket } = connection
    const wasClient = this.tracked.delete(connection.id)
    this.sessions?.onClosed(connection)
    if (wasClient) this.diagnostics.closed(connection, code, reason)
    try {
      webSocket?._setClosed(code, reason)
    } finally {
      try {
        if (wasClient) this.emitConnectEvent('vite:client:disconnect', connection)
      } finally {
        webSocket?._emitClose()
      }
    }
  }

  /**
   * @param {Connection} connection
   * @param {number} frames
   * @param {boolean} isClosing
   */
  onDropped(connection, frames, isClosing) {
    this.diagnostics.dropped(connection, frames, isClosing)
    if (connection.clientInfo?.wasWarnedOf) return
    if (connection.clientInfo) connection.clientInfo.wasWarnedOf = true
    const outcome = isClosing
      ? 'it is closed with 1013'
      : 'it will be told to reload when it reads again'
    this.logger.warn(
      `vite-native-ws: client ${addressOf(connection)} does not read; ` +
        `${frames} messages were not sent and ${outcome}. This is said once for a client; ` +
        '`server.ws.stats().droppedMessages` counts on.',
    )
  }

  /**
   * @param {Connection} connection
   * @param {unknown} kind
   * @param {number} number
   * @param {any} value
   */
  onEvent(connection, kind, number, value) {
    if (this.tracked.has(connection.id)) this.diagnostics.onEvent(connection, kind, number, value)
  }

  /**
   * A listener of Vite's own failed on what a client sent.
   *
   * @param {string} event
   * @param {unknown} error
   * @param {Client} client
   */
  onListenerFailure(event, error, client) {
    this.limitFailures(() => {
      const { stack } = /** @type {Error} */ (error)
      const from = this.connectionOf(client)
      const address = from ? addressOf(from) : 'a client that has left'
      const what = `ws error: listener of "${event}" failed on a message from ${address}`
      this.logger.error(`${red(what)}\n${stack}`)
    })
  }

  /** @param {Client} client */
  connectionOf(client) {
    return [...this.tracked.values()].find(({ owner }) => owner === client)
  }

  /** @param {Error} error */
  logSocketError(error) {
    this.limitErrors(() => {
      this.logger.error(`${red('ws error:')}\n${error.stack}`, { timestamp: true, error })
    })
  }
}

/** @param {Connection} connection */
function addressOf({ socket }) {
  const { remoteAddress, remotePort } = /** @type {import('node:net').Socket} */ (socket)
  return `${remoteAddress}:${remotePort}`
}

module.exports = { Clients }
