'use strict'

const { nextTick } = require('../timers.js')

/** @typedef {import('../connection/adopt.js').NodeSocket & { bytesWritten?: number }} NodeSocket */
/** @typedef {import('node:events').EventEmitter} EventEmitter */
/** @typedef {{ bytesWritten: number | undefined, dataListeners: number }} Look */

/**
 * How the sockets of upgrades were before any listener had them. A listener of `data`, and bytes
 * written, may be as old as the connection; new ones are those of a listener that has taken it.
 *
 * @type {WeakMap<NodeSocket, Look>}
 */
const looks = new WeakMap()

/** @type {WeakSet<Function>} Our own listeners. */
const ours = new WeakSet()

/** @type {WeakMap<EventEmitter, number>} How many of ours look first on a server. */
const lookers = new WeakMap()

/**
 * @param {unknown} _request
 * @param {NodeSocket} socket
 */
function lookFirst(_request, socket) {
  looks.set(socket, look(socket))
}

/**
 * @param {NodeSocket} socket
 * @returns {Look}
 */
function look(socket) {
  return { bytesWritten: socket.bytesWritten, dataListeners: socket.listenerCount('data') }
}

/** @this {EventEmitter} @param {string | symbol} event A listener of it is about to be added. */
function onNewListener(event) {
  if (event === 'upgrade') nextTick(() => lookBeforeOthers(this))
}

/**
 * Where one of ours comes first, nobody can have been there before.
 *
 * @param {EventEmitter} server
 */
function lookBeforeOthers(server) {
  const [first] = server.listeners('upgrade')
  if (!lookers.has(server) || !first || first === lookFirst || ours.has(first)) return
  server.off('upgrade', lookFirst)
  server.prependListener('upgrade', lookFirst)
}

/**
 * Looks at the sockets of a server's upgrades before its other listeners do, if there are any before
 * ours.
 *
 * @param {EventEmitter} server
 * @param {Function} listener Ours.
 */
function beginToLook(server, listener) {
  const count = lookers.get(server) ?? 0
  lookers.set(server, count + 1)
  ours.add(listener)
  if (count === 0) server.on('newListener', onNewListener)
  // Vite's own listener, whose place ours takes, is about to go.
  nextTick(() => lookBeforeOthers(server))
}

/** @param {EventEmitter} server One of ours does not need it any more. */
function endToLook(server) {
  const count = lookers.get(server) ?? 0
  if (count > 1) return void lookers.set(server, count - 1)
  lookers.delete(server)
  server.off('upgrade', lookFirst)
  server.off('newListener', onNewListener)
}

/**
 * Whether a listener has begun to speak on a socket, or to end it, in this upgrade.
 *
 * @param {NodeSocket} socket
 * @param {Look} [before] Known of an upgrade that is looked at first.
 */
function isTaken(socket, before = looks.get(socket)) {
  if (socket.destroyed || socket.writableEnded || socket.writableLength > 0) return true
  if (!before) return false
  const { bytesWritten, dataListeners } = look(socket)
  return bytesWritten !== before.bytesWritten || dataListeners > before.dataListeners
}

/** @param {Function} listener */
function isOurs(listener) {
  return listener === lookFirst || ours.has(listener)
}

module.exports = { beginToLook, endToLook, isOurs, isTaken, look }
