'use strict'

const { markOf } = require('./sights.js')
const { clearTimeout, setTimeout } = require('../timers.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../connection/connection.js').Connection<any>} Connection */
/** @typedef {import('../connection/connections.js').Connections<any>} Connections */

const TEXT = 1
/** What Vite's server says first, so that what is between has nothing to wonder about. */
const MESSAGE = '{"type":"connected"}'
/** Milliseconds until it is said again, by itself: what waits for more bytes shows. */
const PAUSE_MS = 300
/** Milliseconds after which the server ends what the other end has not. */
const LIFETIME_MS = 3 * 60_000
/** Attempts that may be open at once; one more is closed with 1013. */
const MAX_OPEN = 64

/** @type {WeakMap<Connections, number>} */
const open = new WeakMap()

/**
 * Whether an upgrade is an attempt of a connection check, and no page's.
 *
 * @param {IncomingMessage} request
 */
function isAttempt(request) {
  return markOf(request) !== undefined
}

/**
 * Starts the connection of an attempt. It is no client: plugins do not see it, nothing that waits for
 * a client goes to it, and it is pinged as clients are.
 *
 * @param {Connection} connection
 */
function serveAttempt(connection) {
  const { connections, socket } = connection
  const count = open.get(connections) ?? 0
  if (count >= MAX_OPEN) {
    connection.close(1013, Buffer.from('too many checks'))
    return connections.start(connection)
  }
  open.set(connections, count + 1)
  connections.start(connection)
  const say = () => connection.send(TEXT, true, MESSAGE)
  say()
  const again = setTimeout(say, PAUSE_MS)
  const end = setTimeout(() => connection.close(1000, Buffer.from('')), LIFETIME_MS)
  for (const timer of [again, end]) timer.unref()
  socket.once('close', () => {
    for (const timer of [again, end]) clearTimeout(timer)
    open.set(connections, (open.get(connections) ?? 1) - 1)
  })
}

module.exports = { isAttempt, serveAttempt }
