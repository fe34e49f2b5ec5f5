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
function stayFirst(event) {
  if (event !== 'upgrade') return
  nextTick(() => {
    if (!lookers.has(this) || this.listeners('upgrade')[0] === lookFirst) return
    this.off('upgrade', lookFirst)
    this.prependListener('upgrade', lookFirst)
  })
}

/** @param {EventEmitter} server */
function begin(server) {
  server.prependListener('upgrade', lookFirst)
  server.on('newListener', stayFirst)
}

/**
 * Looks at the sockets of a server's upgrades before its other listeners do.
 *
 * @param {EventEmitter} server
 */
function beginToLook(server) {
  const count = lookers.get(server) ?? 0
  lookers.set(server, count + 1)
  if (count === 0) begin(server)
}

/** @param {EventEmitter} server One of ours does not need it any more. */
function endToLook(server) {
  const count = lookers.get(server) ?? 0
  if (count > 1) return void lookers.set(server, count - 1)
  lookers.delete(server)
  server.off('upgrade', lookFirst)
  server.off('newListener', stayFirst)
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
  return listener === lookFirst
}

module.exports = { beginToLook, endToLook, isOurs, isTaken, look }
