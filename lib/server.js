'use strict'

const { EventEmitter } = require('node:events')
const { Connections, Wants } = require('./connections.js')
const { dialectOf } = require('./dialect.js')
const { HotChannel, toPayload, transportError } = require('./hot-channel.js')
const { loggerOf, red } = require('./logger.js')
const { isBridgeForced, readOptions } = require('./options.js')
const { OPEN } = require('./ready-state.js')
const { closeServer, createOwnServer, logServerError } = require('./own-server.js')
const { expectServer, readSettings } = require('./settings.js')
const { Retention } = require('./retention.js')
const {
  answer,
  claimOnOwnServer,
  claimOnSharedServer,
  endWhenUnclaimed,
  isTakenByAnother,
} = require('./upgrade.js')
const WebSocket = require('./websocket.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('./takeover.js').NodeSocket} NodeSocket */
/** @typedef {import('./hot-channel.js').Payload} Payload */
/** @typedef {{ send(...args: unknown[]): void, readonly socket: WebSocket }} Client */
/** @typedef {import('./connections.js').Connection<Client>} Connection */

/** Clients at once: far above any team's tabs, far below a process's descriptors. */
const DEFAULT_MAX_CLIENTS = 10_000

/** Events of the server itself; every other name is a custom event (Vite 8.3 `ws.ts`). */
const SERVER_EVENTS = ['connection', 'error', 'headers', 'listening', 'message']

/**
 * Vite's WebSocket server, with connections on threads of their own. Documented in `index.d.ts`.
 *
 * @param {any} server
 * @param {any} [config]
 * @param {import('node:https').ServerOptions} [httpsOptions]
 * @param {import('./options.js').NativeWsOptions} [options]
 */
function createWebSocketServer(server, config = {}, httpsOptions, options) {
  const checked = readOptions(options)
  return createServerForDialect(
    server,
    config,
    httpsOptions,
    checked,
    dialectOf(checked.viteVersion),
  )
}

/**
 * @param {any} server
 * @param {any} config
 * @param {import('node:https').ServerOptions | undefined} httpsOptions
 * @param {Readonly<import('./options.js').NativeWsOptions>} options
 * @param {Readonly<import('./dialect.js').Dialect>} dialect
 */
function createServerForDialect(server, config, httpsOptions, options, dialect) {
  if (server !== null && server !== undefined) expectServer('server', server)
  const settings = readSettings(config, dialect)
  if (settings.isDisabled) return disabledServer(dialect)
  const logger = loggerOf(config)
  const events = new EventEmitter()
  events.on('error', (error) => logServerError(logger, error, dialect))

  /** @type {Connections<Client>} */
  const connections = new Connections(options, { onMessage, onError, onClosed, onDropped })
  /** @type {Map<number, Connection>} What `clients` shows: pings are not among them. */
  const clients = new Map()
  const channel = new HotChannel({
    dialect,
    isHmrEnabled: settings.isHmrEnabled,
    onInterest: (event, isWanted) => connections.native.setInterest(String(event), isWanted),
    onFailure: (event, error, client) => {
      const { remoteAddress, remotePort } = client.socket._socket
      const { stack } = /** @type {Error} */ (error)
      const from = `${remoteAddress}:${remotePort}`
      logger.error(
        `${red(`ws error: listener of "${event}" failed on a message from ${from}`)}\n${stack}`,
      )
    },
  })
  const shared = settings.server ?? (settings.needsOwnPort ? undefined : (server ?? undefined))
  const own = shared ? undefined : createOwnServer(httpsOptions)
  const retention = new Retention({
    isWide: options.retain ?? false,
    keepsReload: dialect.bufferReload,
  })
  const { maxClients = DEFAULT_MAX_CLIENTS, unclaimedTimeout = 0 } = options
  let isConflictTold = false
  let isClosed = false

  /**
   * @param {IncomingMessage} request
   * @param {NodeSocket} socket
   * @param {Uint8Array} head
   */
  function onUpgrade(request, socket, head) {
    const claim = own
      ? claimOnOwnServer(request, server, dialect)
      : claimOnSharedServer(request, settings, dialect)
    if (claim === 'drop') return void request.destroy()
    if (claim === 'leave') {
      // An unclaimed socket that is reset would otherwise end the process.
      socket.on('error', () => {})
      return endWhenUnclaimed(socket, unclaimedTimeout)
    }
    if (shared && isTakenByAnother(socket)) return tellConflict(request)
    const { admission } = settings
    const isUnavailable = isClosed || clients.size >= maxClients
    const onHeaders = (/** @type {string[]} */ lines) => events.emit('headers', lines, request)
    const protocol = answer(request, socket, { admission, isUnavailable, onHeaders })
    if (protocol === undefined) return
    const isPing = claim === 'ping'
    const connection = connections.add(socket, request, head, {
      protocol,
      bridgeOnly: isBridgeForced(options),
      isTracked: !isPing,
      wants: isPing ? Wants.Nothing : Wants.Events,
    })
    if (isPing) connections.native.close(connection.id, 1000, new Uint8Array())
    try {
      if (!isPing) welcome(connection)
    } finally {
      connections.start(connection)
    }
  }

  /**
   * Answering as well would break both connections.
   *
   * @param {IncomingMessage} request
   */
  function tellConflict({ url }) {
    if (isConflictTold) return
    isConflictTold = true
    const listeners = /** @type {Function[]} */ (shared.listeners('upgrade'))
    const others = listeners.filter((listener) => listener !== onUpgrade)
    const names = others.map(({ name }) => name || 'an anonymous function').join(', ')
    logger.warn(
      `vite-native-ws: another "upgrade" listener of the HTTP server (${names}) has already ` +
        `answered the request for ${url}, which is a hot-update connection; it is left to it. ` +
        "Let that listener ignore requests whose subprotocol is 'vite-hmr' or 'vite-ping'.",
    )
  }

  /** @param {Connection} connection */
  function welcome(connection) {
    clients.set(connection.id, connection)
    if (dialect.connectEvents) {
      channel.emit('vite:client:connect', undefined, () => clientOf(connection))
    }
    sendTo(connection, { type: 'connected' })
    for (const text of retention.welcome()) connections.native.sendPayload(connection.id, text)
    if (events.listenerCount('connection') > 0) {
      events.emit('connection', webSocketOf(connection), connection.request)
    }
  }

  /**
   * @param {Connection} connection
   * @param {Payload} payload
   */
  function sendTo(connection, payload) {
    if (connection.webSocket && connection.webSocket.readyState !== OPEN) {
      return void JSON.stringify(payload)
    }
    connections.native.sendPayload(connection.id, JSON.stringify(payload) ?? '')
  }

  /** @param {Connection} connection @returns {Client} */
  function clientOf(connection) {
    connection.owner ??= {
      send: (...args) => sendTo(connection, toPayload(args)),
      get socket() {
        return webSocketOf(connection)
      },
    }
    return connection.owner
  }

  /** @param {Connection} connection */
  function webSocketOf(connection) {
    if (connection.webSocket) return connection.webSocket
    const webSocket = new WebSocket(null)
    webSocket.on('error', (error) => logSocketError(error))
    webSocket._open(connection, Wants.Events)
    return webSocket
  }

  /** @param {Error} error */
  function logSocketError(error) {
    logger.error(`${red('ws error:')}\n${error.stack}`, { timestamp: true, error })
  }

  /**
   * @param {Connection} connection
   * @param {Buffer | string} data
   * @param {boolean} isBinary
   */
  function onMessage(connection, data, isBinary) {
    if (clients.has(connection.id)) channel.receive(String(data), () => clientOf(connection))
    if (typeof data !== 'string') connection.webSocket?._onMessage(data, isBinary)
  }

  /**
   * @param {Connection} connection
   * @param {Error & { code: string }} error
   */
  function onError(connection, error) {
    if (connection.webSocket) connection.webSocket._onError(error)
    else logSocketError(error)
  }

  /**
   * @param {Connection} connection
   * @param {number} code
   * @param {Buffer} reason
   */
  function onClosed(connection, code, reason) {
    const wasClient = clients.delete(connection.id)
    connection.webSocket?._setClosed(code, reason)
    try {
      if (wasClient && dialect.connectEvents) {
        channel.emit('vite:client:disconnect', undefined, () => clientOf(connection))
      }
    } finally {
      connection.webSocket?._emitClose()
    }
  }

  /**
   * @param {Connection} connection
   * @param {number} frames
   * @param {boolean} isClosing
   */
  function onDropped({ socket }, frames, isClosing) {
    const { remoteAddress, remotePort } = /** @type {import('node:net').Socket} */ (socket)
    const outcome = isClosing
      ? 'it is closed with 1013'
      : 'it will be told to reload when it reads again'
    logger.warn(
      `vite-native-ws: client ${remoteAddress}:${remotePort} does not read; ` +
        `${frames} messages were not sent and ${outcome}`,
    )
  }

  /** @param {Payload} payload */
  function broadcast(payload) {
    if (retention.keep(payload, clients.size > 0)) return
    const text = JSON.stringify(payload)
    if (clients.size > 0 && text !== undefined) connections.native.broadcast(text)
  }

  if (shared) {
    shared.on('upgrade', onUpgrade)
  } else {
    own?.on('upgrade', onUpgrade)
    own?.on('error', (error) => logServerError(logger, error, dialect))
  }

  const hot = {
    ...(dialect.hasName ? { name: 'ws' } : {}),
    /** @param {...unknown} args A payload, or an event and its data. */
    send(...args) {
      const payload = channel.toSendable(args)
      if (payload) broadcast(payload)
    },
    /** @param {string} event @param {(...args: any[]) => void} listener */
    on(event, listener) {
      if (SERVER_EVENTS.includes(event)) events.on(event, listener)
      else channel.on(event, listener)
    },
    /** @param {string} event @param {(...args: any[]) => void} listener */
    off(event, listener) {
      if (SERVER_EVENTS.includes(event)) events.off(event, listener)
      else channel.off(event, listener)
    },
    listen() {
      own?.listen(settings.port, settings.host)
    },
    async close() {
      if (isClosed) throw new Error('The server is not running')
      isClosed = true
      shared?.off('upgrade', onUpgrade)
      await connections.close()
      if (own) await closeServer(own)
    },
    stats() {
      const { adopted, bridged, droppedFrames, reaped } = connections.native.stats()
      return { engine: 'native', clients: clients.size, adopted, bridged, droppedFrames, reaped }
    },
    get clients() {
      return new Set(Array.from(clients.values(), clientOf))
    },
  }
  return dialect.invoke ? Object.defineProperties(hot, invokeMembers(channel)) : hot
}

/** @param {HotChannel} channel */
function invokeMembers(channel) {
  return Object.getOwnPropertyDescriptors({
    /** @param {Record<string, (...args: any[]) => unknown> | undefined} handlers */
    setInvokeHandler: (handlers) => channel.setInvokeHandler(handlers),
    /** @param {{ data: any }} payload */
    handleInvoke: (payload) => channel.handleInvoke(payload),
  })
}

/**
 * What Vite returns for `server.ws: false`.
 *
 * @param {Readonly<import('./dialect.js').Dialect>} dialect
 */
function disabledServer(dialect) {
  const noop = () => {}
  const hot = {
    ...(dialect.hasName ? { name: 'ws' } : {}),
    get clients() {
      return new Set()
    },
    async close() {},
    on: noop,
    off: noop,
    listen: noop,
    send: noop,
    stats: () => ({
      engine: 'native',
      clients: 0,
      adopted: 0,
      bridged: 0,
      droppedFrames: 0,
      reaped: 0,
    }),
  }
  if (!dialect.invoke) return hot
  return Object.assign(hot, {
    setInvokeHandler: noop,
    handleInvoke: async () => ({ error: transportError('handleInvoke not implemented') }),
  })
}

module.exports = { createServerForDialect, createWebSocketServer }
