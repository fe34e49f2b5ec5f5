'use strict'

const { randomUUID } = require('node:crypto')
const { EventEmitter } = require('node:events')
const { BACKLOG, raiseBacklog } = require('../http/backlog.js')
const { claimOnOwnServer, claimOnSharedServer } = require('./claim.js')
const { isAttempt } = require('../check/attempt.js')
const { Arrivals } = require('./arrivals.js')
const { Clients } = require('./clients.js')
const { DeferredHttpServer } = require('./deferred-http-server.js')
const { traitsOf } = require('./version.js')
const { HotChannel, transportError } = require('./hot-channel.js')
const { loggerOf } = require('../logger.js')
const {
  defaultOptions,
  isBridgeForced,
  nativeOptions,
  readOptions,
  reconnectOptions,
} = require('../options.js')
const {
  closeServer,
  createStandaloneServer,
  logServerError,
} = require('../http/standalone-server.js')
const { MessageBuffer } = require('./message-buffer.js')
const { isOfAnotherServer, RELOADED } = require('../reconnect/sessions.js')
const { UpdateHistory } = require('../reconnect/update-history.js')
const { expectServer, readSettings } = require('./config.js')
const { emptyStats, readStats } = require('../diagnostics/stats.js')
const { Diagnostics } = require('../diagnostics/diagnostics.js')
const { beginToLook, endToLook, isTaken } = require('../http/first-look.js')
const { noticeForeignAnswer } = require('../http/foreign-answer.js')
const { answer, endWhenUnclaimed } = require('../http/upgrade.js')
const { UpgradeConflicts } = require('./upgrade-conflicts.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../connection/adopt.js').NodeSocket} NodeSocket */
/** @typedef {import('./version.js').VersionTraits} VersionTraits */

/** Events of the server itself; every other name is a custom event (Vite 8.3 `ws.ts`). */
const SERVER_EVENTS = ['connection', 'error', 'headers', 'listening', 'message']

/**
 * Vite's WebSocket server, with connections on threads of their own. Documented in `index.d.ts`.
 *
 * @param {any} server
 * @param {any} [config]
 * @param {import('node:https').ServerOptions} [httpsOptions]
 * @param {import('../options.js').NativeWsOptions} [options]
 */
function createWebSocketServer(server, config = {}, httpsOptions, options) {
  const checked = readOptions(options)
  return createServerForVersion(
    server,
    config,
    httpsOptions,
    checked,
    traitsOf(checked.viteVersion),
  )
}

/**
 * @param {any} server
 * @param {any} config
 * @param {import('node:https').ServerOptions | undefined} httpsOptions
 * @param {Readonly<import('../options.js').NativeWsOptions>} options
 * @param {Readonly<VersionTraits>} traits
 * @param {Diagnostics} [diagnostics]
 * @param {UpdateHistory} [history]
 */
function createServerForVersion(
  server,
  config,
  httpsOptions,
  options,
  traits,
  diagnostics = new Diagnostics(),
  history = new UpdateHistory(),
) {
  if (server !== null && server !== undefined) expectServer('server', server)
  const settings = readSettings(config, traits)
  if (settings.isDisabled) return disabledServer(traits)
  const instance = randomUUID()
  const logger = loggerOf(config)
  const events = new EventEmitter()
  events.on('error', (error) => logServerError(logger, error, traits))
  const clients = new Clients({
    native: nativeOptions(options),
    connectEvents: traits.connectEvents,
    instance,
    ...reconnectOptions(options),
    history,
    events,
    logger,
    diagnostics,
  })
  const arrivals = new Arrivals(clients, isBridgeForced(options), logger)
  const channel = new HotChannel({
    traits,
    isHmrEnabled: settings.isHmrEnabled,
    onSubscription: (event, isWanted) => {
      clients.connections.native.setEventFilter(String(event), isWanted)
    },
    onFailure: (...args) => clients.onListenerFailure(...args),
  })
  clients.channel = channel
  channel.on(RELOADED, (reason, client) => clients.pages?.onReloaded(reason, client))
  diagnostics.access = settings.access
  diagnostics.stats = () => readStats({ instance, clients, diagnostics })
  const isWide = options.retain ?? false
  const messageBuffer = new MessageBuffer({ isWide, keepsReload: traits.bufferReload })
  const { keepalive, maxClients, unclaimedTimeout } = { ...defaultOptions(), ...options }
  const shared = settings.server ?? (settings.needsOwnPort ? undefined : (server ?? undefined))
  const own = shared ? undefined : createStandaloneServer(httpsOptions)
  diagnostics.endpoint = {
    own,
    port: settings.port,
    path: settings.path,
    option: traits.wsOptions ? 'ws' : 'hmr',
    keepalive,
  }
  let isClosed = false
  /** @type {Promise<void> | undefined} The end, while it goes on. */
  let ending

  async function end() {
    diagnostics.end()
    if (shared && !looksItself) endToLook(shared)
    shared?.off('upgrade', onUpgrade)
    await clients.close()
    if (own) await closeServer(own)
  }

  /**
   * @param {IncomingMessage} request
   * @param {NodeSocket} socket
   * @param {Uint8Array} head
   */
  function onUpgrade(request, socket, head) {
    const claim = own
      ? claimOnOwnServer(request, server, traits)
      : claimOnSharedServer(request, settings, traits)
    if (claim === 'drop') return void request.destroy()
    if (claim === 'leave') {
      // An unclaimed socket that is reset would otherwise end the process.
      socket.on('error', () => {})
      diagnostics.upgrade(request, 'left to other listeners: an upgrade')
      return endWhenUnclaimed(socket, unclaimedTimeout)
    }
    if (shared && isTaken(socket)) return conflicts.onEarlier(request)
    let isOfFormer = false
    // What others answer may not overtake ours.
    const { mayHappen } = conflicts
    const accepted = answer(request, socket, {
      access: settings.access,
      isExcused(obstacle) {
        isOfFormer = obstacle === 'token' && isOfAnotherServer(request.url, instance)
        return isOfFormer
      },
      unavailable: isClosed ? 'closed' : clients.size >= maxClients ? 'full' : undefined,
      isPrompt: mayHappen,
      onHeaders: (lines) => events.emit('headers', lines, request),
      onRefused: (reason, detail) => diagnostics.refused(request, reason, detail),
    })
    if (!accepted) return
    const upgrade = { request, socket, head, accepted }
    if (claim === 'ping') {
      diagnostics.upgrade(request, 'answered a vite-ping')
      arrivals.acceptAndClose(upgrade)
    } else if (isAttempt(request)) {
      diagnostics.attempt(request)
      arrivals.addAttempt(upgrade)
    } else if (isOfFormer) {
      arrivals.sendAway(upgrade)
    } else arrivals.add(upgrade, messageBuffer)
    if (mayHappen) noticeForeignAnswer(socket, (by) => conflicts.onLater(request, by))
  }

  const looksItself = shared instanceof DeferredHttpServer
  const conflicts = new UpgradeConflicts(shared, onUpgrade, logger, diagnostics)
  if (shared) {
    shared.on('upgrade', onUpgrade)
    if (!looksItself) beginToLook(shared, onUpgrade)
    raiseBacklog(shared)
  } else {
    own?.on('upgrade', onUpgrade)
    own?.on('error', (error) => logServerError(logger, error, traits))
  }

  const hot = {
    ...(traits.hasName ? { name: 'ws' } : {}),
    /** @param {...unknown} args A payload, or an event and its data. */
    send(...args) {
      const payload = channel.toSendable(args)
      if (!payload) return
      clients.noteError(payload)
      const isKept = messageBuffer.keep(payload, clients.size > 0)
      if (!isKept || clients.hasAudience) clients.broadcast(payload)
    },
    /**
     * @param {string} event
     * @param {(...args: any[]) => void} listener
     */
    on(event, listener) {
      if (SERVER_EVENTS.includes(event)) events.on(event, listener)
      else channel.on(event, listener)
    },
    /**
     * @param {string} event
     * @param {(...args: any[]) => void} listener
     */
    off(event, listener) {
      if (SERVER_EVENTS.includes(event)) events.off(event, listener)
      else channel.off(event, listener)
    },
    listen() {
      own?.listen(/** @type {number} */ (settings.port), settings.host, BACKLOG)
    },
    async close() {
      if (isClosed && !ending) throw new Error('The server is not running')
      if (ending) {
        await ending
        if (own) await closeServer(own)
        return
      }
      isClosed = true
      ending = end().finally(() => {
        ending = undefined
      })
      await ending
    },
    stats: () => diagnostics.stats(),
    get clients() {
      return clients.toSet()
    },
  }
  return traits.invoke ? Object.defineProperties(hot, invokeMembers(channel)) : hot
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
 * The server that Vite returns for `server.ws: false`.
 *
 * @param {Readonly<import('./version.js').VersionTraits>} traits
 */
function disabledServer(traits) {
  const noop = () => {}
  const hot = {
    ...(traits.hasName ? { name: 'ws' } : {}),
    get clients() {
      return new Set()
    },
    async close() {},
    on: noop,
    off: noop,
    listen: noop,
    send: noop,
    stats: emptyStats,
  }
  if (!traits.invoke) return hot
  return Object.assign(hot, {
    setInvokeHandler: noop,
    handleInvoke: async () => ({ error: transportError('handleInvoke not implemented') }),
  })
}

module.exports = { createServerForVersion, createWebSocketServer }
