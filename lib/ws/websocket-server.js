'use strict'

const { EventEmitter } = require('node:events')
const {
  acceptanceLines,
  checkHandshake,
  joinLines,
  markAnswered,
  parseProtocols,
  refuse,
} = require('../http/handshake.js')
const { Connections } = require('../connection/connections.js')
const { ShortageWarning } = require('../connection/shortage.js')
const constants = require('../native/constants.js')
const { isBridgeForced } = require('../options.js')
const { nextTick } = require('../timers.js')
const { createStandaloneServer } = require('../http/standalone-server.js')
const WebSocket = require('./websocket.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../connection/adopt.js').NodeSocket} NodeSocket */
/** @typedef {import('../connection/connection.js').Connection<unknown>} Connection */
/** @typedef {(webSocket: WebSocket, request: IncomingMessage) => void} UpgradeCallback */

const RUNNING = 0
const CLOSING = 1
const CLOSED = 2

/**
 * Events reported even while nobody listens, so that a listener hears what arrives in the turn of
 * the event loop in which it is added, as with `ws`.
 */
function allFrames() {
  const { Messages, Pings, Pongs } = constants.Subscription
  return Messages | Pings | Pongs
}

/** Defaults of the options that the addon does not read. */
const DEFAULTS = {
  allowSynchronousEvents: true,
  backlog: null,
  clientTracking: true,
  handleProtocols: null,
  host: null,
  maxBufferedChunks: 256 * 1024,
  noServer: false,
  path: null,
  perMessageDeflate: false,
  port: null,
  server: null,
  verifyClient: null,
  WebSocket,
}

/**
 * A WebSocket server with the interface of the `ws` package (8.23, `doc/ws.md`).
 */
class WebSocketServer extends EventEmitter {
  /**
   * @param {any} options Those of `ws`, and `transport`; documented in `ws.d.ts`.
   * @param {() => void} [callback] A listener for `listening`.
   * @throws {TypeError} Unless exactly one of `port`, `server` and `noServer` is given.
   */
  constructor(options, callback) {
    super()
    /** @type {any} */
    this.options = { ...DEFAULTS, ...limitsByDefault(), ...options }
    const { port, server, noServer, clientTracking } = this.options
    const ways = [port !== null && port !== undefined, Boolean(server), Boolean(noServer)]
    if (ways.filter(Boolean).length !== 1) {
      throw new TypeError(
        'One and only one of the "port", "server", or "noServer" options must be specified',
      )
    }
    this._connections = this._openConnections()
    this._shortage = new ShortageWarning((message) => process.emitWarning(message))
    /** Connections that have been handed out and have not ended. */
    this._open = 0
    if (clientTracking) {
      /** @type {Set<WebSocket>} */
      this.clients = new Set()
    }
    this._state = RUNNING
    this._finishesWhenEmpty = false
    /** @type {import('node:http').Server | null} */
    this._server = server || null
    this._ownsServer = ways[0]
    if (this._ownsServer) {
      this._server = createStandaloneServer(undefined)
      this._server.listen(port, this.options.host, this.options.backlog, callback)
    }
    this._listeners = {
      listening: () => this.emit('listening'),
      error: (/** @type {Error} */ error) => this.emit('error', error),
      /** @type {(request: IncomingMessage, socket: any, head: Buffer) => void} */
      upgrade: (request, socket, head) => {
        this.handleUpgrade(request, socket, head, (webSocket) =>
          this.emit('connection', webSocket, request),
        )
      },
    }
    for (const [event, listener] of Object.entries(this._listeners)) {
      this._server?.on(event, listener)
    }
  }

  _openConnections() {
    const { options } = this
    return new Connections(
      {
        autoPong: Boolean(options.autoPong),
        closeTimeout: timeout(options.closeTimeout),
        keepalive: 0,
        maxFragments: limit(options.maxFragments, 2 ** 32 - 1),
        maxPayload: limit(options.maxPayload, Number.MAX_SAFE_INTEGER),
        maxPendingAutoPongs: limit(options.maxPendingAutoPongs, 2 ** 32 - 1),
        overflow: 'keep',
        skipUTF8Validation: Boolean(options.skipUTF8Validation),
      },
      {
        onMessage: ({ webSocket }, data, isBinary) => {
          if (typeof data === 'string') return
          webSocket?._receive(() => webSocket._emitMessage(data, isBinary))
        },
        onError: ({ webSocket }, error) => webSocket?._onError(error),
        onDropped: () => {},
        onClosed: ({ webSocket }, code, reason) => {
          try {
            webSocket?._onClosed(code, reason)
          } finally {
            this._onConnectionClosed()
          }
        },
      },
    )
  }

  /** The address of the server, as `net.Server` gives it. */
  address() {
    if (this.options.noServer) throw new Error('The server is operating in "noServer" mode')
    return this._server ? this._server.address() : null
  }

  /**
   * Takes no more connections. `close` is emitted when the present ones have ended, which is up to
   * the caller.
   *
   * @param {(error?: Error) => void} [callback] A listener for `close`.
   */
  close(callback) {
    if (this._state === CLOSED) {
      if (callback) this.once('close', () => callback(new Error('The server is not running')))
      nextTick(() => this.emit('close'))
      return
    }
    if (callback) this.once('close', callback)
    if (this._state === CLOSING) return
    this._state = CLOSING
    const server = this._server
    for (const [event, listener] of Object.entries(this._listeners)) server?.off(event, listener)
    this._server = null
    if (this._ownsServer) server?.close(() => this._finishWhenEmpty())
    else if (this.clients) this._finishWhenEmpty()
    else nextTick(() => this._finish())
  }

  _finishWhenEmpty() {
    this._finishesWhenEmpty = true
    if (this._isEmpty()) nextTick(() => this._finish())
  }

  _finish() {
    if (this._state === CLOSED) return
    this._state = CLOSED
    if (this._open === 0) this._connections.close()
    this.emit('close')
  }

  /** Whether nothing is left that `close` waits for: with an HTTP server of its own its connections. */
  _isEmpty() {
    return this.clients && !this._ownsServer ? this.clients.size === 0 : this._open === 0
  }

  _onConnectionClosed() {
    this._open--
    if (this._state === CLOSED && this._open === 0) this._connections.close()
    else if (this._finishesWhenEmpty) this._finishWhenEmpty()
  }

  /**
   * Whether a request is for this server. May be overridden.
   *
   * @param {IncomingMessage} request
   * @returns {boolean}
   */
  shouldHandle({ url = '' }) {
    const { path } = this.options
    return !path || url.split('?', 1)[0] === path
  }

  /**
   * Answers an upgrade request; the callback gets the WebSocket.
   *
   * @param {IncomingMessage} request
   * @param {NodeSocket} socket
   * @param {Uint8Array} head
   * @param {UpgradeCallback} callback
   */
  handleUpgrade(request, socket, head, callback) {
    socket.on('error', () => socket.destroy())
    const checked = checkHandshake(request)
    if (!('accept' in checked)) {
      return this._refuse(request, socket, checked.status, checked.message, checked.headers)
    }
    if (!this.shouldHandle(request)) return refuse(socket, 400)
    const protocols = parseProtocols(request.headers['sec-websocket-protocol'])
    if (!protocols) {
      return this._refuse(request, socket, 400, 'Invalid Sec-WebSocket-Protocol header')
    }
    const complete = () =>
      this._completeUpgrade(checked.accept, protocols, request, socket, head, callback)
    this._verify(request, socket, complete)
  }

  /**
   * @param {IncomingMessage} request
   * @param {NodeSocket} socket
   * @param {() => void} complete
   */
  _verify(request, socket, complete) {
    const { options } = this
    if (!options.verifyClient) return complete()
    const { headers } = request
    const isVersion8 = Number(headers['sec-websocket-version']) === 8
    const peer = /** @type {any} */ (request.socket)
    const info = {
      origin: headers[isVersion8 ? 'sec-websocket-origin' : 'origin'],
      secure: Boolean(peer.authorized || peer.encrypted),
      req: request,
    }
    if (options.verifyClient.length !== 2) {
      return options.verifyClient(info) ? complete() : refuse(socket, 401)
    }
    /** @type {(isVerified: boolean, status?: number, message?: string, headers?: any) => void} */
    const decide = (isVerified, status, message, extra) => {
      if (isVerified) complete()
      else refuse(socket, status || 401, message || undefined, extra)
    }
    options.verifyClient(info, decide)
  }

  /**
   * @param {IncomingMessage} request
   * @param {NodeSocket} socket
   * @param {number} status
   * @param {string} message
   * @param {Record<string, string>} [headers]
   */
  _refuse(request, socket, status, message, headers) {
    if (this.listenerCount('wsClientError') === 0) {
      return refuse(socket, status, message, headers)
    }
    this.emit('wsClientError', new Error(message), socket, request)
  }

  /**
   * @param {string} accept
   * @param {Set<string>} protocols
   * @param {IncomingMessage} request
   * @param {NodeSocket} socket
   * @param {Uint8Array} head
   * @param {UpgradeCallback} callback
   */
  _completeUpgrade(accept, protocols, request, socket, head, callback) {
    if (!socket.readable || !socket.writable) return void socket.destroy()
    if (!markAnswered(socket)) {
      throw new Error(
        'server.handleUpgrade() was called more than once with the same socket, possibly due to ' +
          'a misconfiguration',
      )
    }
    if (this._state > RUNNING) return refuse(socket, 503)
    const { options } = this
    const webSocket = new options.WebSocket(null, undefined, options)
    const protocol =
      protocols.size === 0
        ? ''
        : (options.handleProtocols
            ? options.handleProtocols(protocols, request)
            : [...protocols][0]) || ''
    const lines = acceptanceLines(accept, protocol)
    this.emit('headers', lines, request)
    const subscriptions = allFrames()
    const answer = { protocol, handshake: joinLines(lines), isPrompt: true }
    const connection = this._openConnection(socket, head, answer, subscriptions)
    if (!connection) return
    this._open++
    webSocket._open(connection, subscriptions)
    this._track(webSocket)
    try {
      callback(webSocket, request)
    } finally {
      this._connections.start(connection)
    }
  }

  /**
   * @param {NodeSocket} socket
   * @param {Uint8Array} head
   * @param {import('../connection/adopt.js').Answer & { protocol: string }} answer
   * @param {number} subscriptions
   * @returns {Connection | undefined} Undefined if the process is at a limit: the client is refused.
   */
  _openConnection(socket, head, answer, subscriptions) {
    const bridgeOnly = isBridgeForced(this.options)
    const options = { bridgeOnly, isTracked: false, subscriptions, session: undefined }
    try {
      return this._connections.add(socket, head, answer, options)
    } catch (error) {
      this._shortage.explain(error)
      return void refuse(socket, 503)
    }
  }

  /** @param {WebSocket} webSocket */
  _track(webSocket) {
    const { clients } = this
    if (!clients) return
    clients.add(webSocket)
    webSocket.on('close', () => {
      clients.delete(webSocket)
      if (this._finishesWhenEmpty) this._finishWhenEmpty()
    })
  }
}

/** The defaults of the addon, which for these are those of `ws`. */
function limitsByDefault() {
  const { autoPong, closeTimeout, maxFragments, maxPayload, maxPendingAutoPongs, ...rest } =
    constants.defaults
  const { skipUTF8Validation } = rest
  return {
    autoPong,
    closeTimeout,
    maxFragments,
    maxPayload,
    maxPendingAutoPongs,
    skipUTF8Validation,
  }
}

/**
 * A limit as `ws` reads it: in whole numbers, and none at 0, below, or for what is no number.
 *
 * @param {unknown} value
 * @param {number} most What stands for no limit.
 */
function limit(value, most) {
  const number = Math.trunc(Number(value))
  return number > 0 && number < most ? number : most
}

/**
 * Milliseconds as `setTimeout` reads them.
 *
 * @param {unknown} value
 */
function timeout(value) {
  const number = Math.trunc(Number(value))
  return number >= 1 && number < 2 ** 31 ? number : 1
}

module.exports = WebSocketServer
