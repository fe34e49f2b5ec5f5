'use strict'

const { serveAttempt } = require('../check/attempt.js')
const { ShortageWarning } = require('../connection/shortage.js')
const { ClientInfo } = require('../diagnostics/client-info.js')
const { refuse } = require('../http/handshake.js')
const constants = require('../native/constants.js')
const { ANOTHER_SERVER, CANNOT_RESUME, causeOf } = require('../reconnect/sessions.js')
const { Client } = require('./client.js')

/** @typedef {import('./clients.js').Clients} Clients */
/** @typedef {import('./clients.js').Connection} Connection */
/**
 * An accepted upgrade request, as Node has handed it out.
 *
 * @typedef {object} Upgrade
 * @property {import('node:http').IncomingMessage} request
 * @property {import('../connection/adopt.js').NodeSocket} socket
 * @property {Uint8Array} head
 * @property {import('../http/upgrade.js').Accepted} accepted
 */

/** Accepted requests become connections: of new clients, of pages that are back, of nobody. */
class Arrivals {
  /**
   * @param {Clients} clients
   * @param {boolean} bridgeOnly
   * @param {import('../logger.js').Logger} logger
   */
  constructor(clients, bridgeOnly, logger) {
    this.clients = clients
    this.bridgeOnly = bridgeOnly
    this.shortage = new ShortageWarning((message) => logger.warn(message))
  }

  /**
   * A page, or another client of Vite's protocol.
   *
   * @param {Upgrade} upgrade
   * @param {import('./message-buffer.js').MessageBuffer} buffer What a new client is owed.
   */
  add(upgrade, buffer) {
    const { request } = upgrade
    const { connections, diagnostics, events, pages, tracked } = this.clients
    const visit = pages?.sessions.read(request.url)
    if (visit && 'reason' in visit) {
      buffer.forgetReload()
      return this.sendAway(upgrade, visit.reason)
    }
    const welcome = () => buffer.welcome()
    // A listener of connections may begin to listen to the socket itself later in this turn.
    const isWatched = events.listenerCount('connection') > 0
    const { Everything, Events } = constants.Subscription
    const subscriptions = isWatched ? Everything : Events
    const connection = this.open(upgrade, true, subscriptions, visit?.session.number)
    if (!connection) return
    connection.clientInfo = new ClientInfo(request, Date.now())
    tracked.set(connection.id, connection)
    diagnostics.opened(connection)
    let isWelcome = false
    try {
      if (visit) pages?.takeBack(connection, request, welcome, visit)
      else isWelcome = this.greet(connection, request, welcome, isWatched)
    } finally {
      connections.start(connection, isWelcome)
    }
  }

  /**
   * An attempt of a connection check.
   *
   * @param {Upgrade} upgrade
   */
  addAttempt(upgrade) {
    const connection = this.open(upgrade, false, constants.Subscription.Nothing)
    if (connection) serveAttempt(connection)
  }

  /**
   * @param {Upgrade} upgrade
   * @param {boolean} isTracked
   * @param {number} subscriptions
   * @param {number} [session]
   * @returns {Connection | undefined} Undefined if the process is at a limit: the client is refused.
   */
  open({ request, socket, head, accepted }, isTracked, subscriptions, session) {
    const { connections, diagnostics } = this.clients
    const options = { bridgeOnly: this.bridgeOnly, isTracked, subscriptions, session }
    try {
      return connections.add(socket, head, accepted, options)
    } catch (error) {
      diagnostics.refused(request, 'exhausted', this.shortage.explain(error))
      return void refuse(socket, 503)
    }
  }

  /**
   * @param {Connection} connection
   * @param {Upgrade['request']} request
   * @param {() => string[]} welcome
   * @param {boolean} isWatched Whether somebody sees the connection before it starts.
   * @returns {boolean} Whether `connected` is left to its start: the usual case, and the quickest.
   */
  greet(connection, request, welcome, isWatched) {
    const { clients } = this
    const client = new Client(clients, connection)
    connection.owner = client
    clients.emitConnectEvent('vite:client:connect', client)
    const owed = welcome()
    if (owed.length === 0 && !isWatched && !clients.diagnostics.isObserved) {
      return clients.maySendTo(connection)
    }
    clients.sendTo(client, { type: 'connected' })
    for (const text of owed) clients.sendText(connection, text)
    clients.emitConnection(connection, request)
    return false
  }

  /**
   * Lets a page know that it cannot go on where it was, so that it reloads. A refusal would be a red
   * line in its console, and no more than that of a server that is down.
   *
   * @param {Upgrade} upgrade
   * @param {string} [reason] At most 123 bytes.
   */
  sendAway(upgrade, reason = ANOTHER_SERVER) {
    this.clients.diagnostics.notResumed(upgrade.request, causeOf(reason), reason)
    this.acceptAndClose(upgrade, CANNOT_RESUME, reason)
  }

  /**
   * A connection whose opening and closing is its whole answer, such as a `vite-ping`.
   *
   * @param {Upgrade} upgrade
   * @param {number} [code]
   * @param {string} [reason] At most 123 bytes.
   */
  acceptAndClose(upgrade, code = 1000, reason = '') {
    const connection = this.open(upgrade, false, constants.Subscription.Nothing)
    if (!connection) return
    connection.close(code, Buffer.from(reason))
    this.clients.connections.start(connection)
  }
}

module.exports = { Arrivals }
