'use strict'

const { Client } = require('./client.js')
const { CANNOT_RESUME, LOST, readReload, Sessions } = require('../reconnect/sessions.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../reconnect/sessions.js').Return} Return */
/** @typedef {import('../reconnect/sessions.js').Session} Session */
/** @typedef {import('./clients.js').Clients} Clients */
/** @typedef {import('./clients.js').Connection} Connection */

/** The close code of a connection that ended without a close frame of the client's. */
const NO_CLOSE_FRAME = 1006

/** Clients that are pages, and may come back: what plugins see of one that is away. */
class Pages {
  /**
   * @param {Clients} clients
   * @param {object} options
   * @param {string} options.instance Names this server instance.
   * @param {number} options.maxAge Milliseconds that a page may be away.
   * @param {import('../reconnect/update-history.js').UpdateHistory} options.history
   */
  constructor(clients, { instance, maxAge, history }) {
    this.clients = clients
    this.isClosing = false
    const { native } = clients.connections
    const onGivenUp = (/** @type {Client} */ client, /** @type {string} */ reason) => {
      clients.diagnostics.givenUp(client.connection, reason)
      clients.emitConnectEvent('vite:client:disconnect', client)
    }
    this.sessions = new Sessions({ native, instance, maxAge, history, onGivenUp })
  }

  /**
   * A page is back on another connection. It has had `connected`, and what is owed to a new client
   * comes to it from the journal; nobody else is owed that from now on.
   *
   * @param {Connection} connection
   * @param {IncomingMessage} request
   * @param {() => string[]} welcome
   * @param {Return} visit
   */
  takeBack(connection, request, welcome, visit) {
    const { clients } = this
    const { session } = visit
    const isNew = session.client === undefined
    const client = session.client ?? new Client(clients, connection)
    connection.owner = client
    if (!this.sessions.resume(connection, visit)) {
      const reason = 'what it missed is not kept'
      connection.close(CANNOT_RESUME, Buffer.from(reason))
      return this.sessions.giveUp(session, reason)
    }
    client.connection = connection
    client.session = session
    session.client = client
    clients.diagnostics.returned(connection, visit)
    if (isNew) clients.emitConnectEvent('vite:client:connect', client)
    welcome()
    this.resumeListeners(session, () => clients.emitConnection(connection, request))
  }

  /**
   * Plugins that take their listeners off when a socket closes put them on for each client, and this
   * client is one that they have. What they took off comes back unless they add something for the
   * new connection (vite-dev-rpc 2 does not).
   *
   * @param {Session} session
   * @param {() => void} emit
   */
  resumeListeners(session, emit) {
    const suspended = session.suspended.splice(0)
    const { added } = this.watchListeners(emit)
    session.added = added.map(([event]) => event)
    this.putBack(session, suspended)
  }

  /**
   * @param {Session} session
   * @param {[string, (...args: any[]) => unknown][]} listeners
   */
  putBack({ added }, listeners) {
    for (const [event, listener] of listeners) {
      if (!added.includes(event)) this.clients.channel?.on(event, listener)
    }
  }

  /** @param {() => void} run */
  watchListeners(run) {
    const { channel } = this.clients
    if (channel) return channel.watchListeners(run)
    run()
    return { added: [], removed: [] }
  }

  /**
   * A page that goes says so with a close frame.
   *
   * @param {Client} client
   * @param {number} code Of its last connection.
   */
  mayComeBack({ session }, code) {
    const isLost = code === NO_CLOSE_FRAME || code === LOST
    return session !== undefined && isLost && !this.isClosing
  }

  /**
   * A page has lost its connection and may come back.
   *
   * @param {Connection} connection
   */
  onAway(connection) {
    const { session } = connection
    const { removed } = this.watchListeners(() => {
      if (session) this.sessions.onLeft(session)
      emitClose(connection)
    })
    session?.suspended.push(...removed)
  }

  /**
   * A connection has ended behind the return of its page on another one.
   *
   * @param {Connection} connection
   */
  onReplaced(connection) {
    const { session } = connection
    const { removed } = this.watchListeners(() => emitClose(connection))
    if (session) this.putBack(session, removed)
  }

  /**
   * A client has left. A page in the back/forward cache may come back nevertheless, as a new one.
   *
   * @param {Client} client
   */
  onLeaving(client) {
    const { session } = client
    client.session = undefined
    if (!session) return
    session.client = undefined
    this.sessions.onLeft(session)
  }

  /**
   * A page says why it has reloaded.
   *
   * @param {unknown} reason
   * @param {import('./client.js').ClientHandle} client
   */
  onReloaded(reason, client) {
    const { diagnostics, tracked } = this.clients
    const reload = readReload(reason)
    const connection = [...tracked.values()].find(({ owner }) => owner?.known === client)
    if (!reload || !connection) return
    diagnostics.reload({ ...reload, pages: 1, connection, isDone: true })
  }

  /** The server closes: pages that are away have left, and none comes back. */
  close() {
    this.isClosing = true
    this.sessions.close()
  }
}

/** @param {Connection} connection It has ended. */
function emitClose({ webSocket, closed }) {
  if (!webSocket || !closed) return
  try {
    webSocket._setClosed(closed.code, closed.reason)
  } finally {
    webSocket._emitClose()
  }
}

module.exports = { Pages }
