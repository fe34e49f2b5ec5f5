'use strict'

const { toPayload } = require('./hot-channel.js')

/** @typedef {import('./clients.js').Clients} Clients */
/** @typedef {import('./clients.js').Connection} Connection */
/** @typedef {import('../reconnect/sessions.js').Session} Session */
/** @typedef {import('../ws/websocket.js')} WebSocket */
/** @typedef {{ send(...args: unknown[]): void, readonly socket: WebSocket }} ClientHandle */

/**
 * A client of Vite's protocol: a page, over all its connections, or a client with one connection.
 */
class Client {
  /**
   * @param {Clients} clients
   * @param {Connection} connection
   */
  constructor(clients, connection) {
    this.clients = clients
    /** The newest; it has ended while a page is away. */
    this.connection = connection
    /** @type {Session | undefined} Of a page that may come back. */
    this.session = undefined
    /** @type {ClientHandle | undefined} */
    this.known = undefined
  }

  /** The client as plugins see it, the same object each time: Vite and plugins key maps by it. */
  get handle() {
    this.known ??= handleOf(this)
    return this.known
  }
}

/**
 * @param {Client} client
 * @returns {ClientHandle}
 */
function handleOf(client) {
  return {
    send: (...args) => client.clients.sendTo(client, toPayload(args)),
    get socket() {
      return client.clients.webSocketOf(client.connection)
    },
  }
}

module.exports = { Client }
