'use strict'

const {
  acceptanceLines,
  checkHandshake,
  markAnswered,
  parseProtocols,
  refuse,
} = require('./handshake.js')
const { refusalOf } = require('./access.js')
const { isTaken, look } = require('./first-look.js')
const { clearTimeout, setTimeout } = require('../timers.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../connection/adopt.js').NodeSocket} NodeSocket */
/** @typedef {Acceptance} Accepted */

/**
 * Ends an upgrade that nobody has answered in time. A listener that takes a socket writes to it, or
 * asks for its data.
 *
 * @param {NodeSocket & { bytesWritten?: number }} socket
 * @param {number} milliseconds 0 leaves it open.
 */
function endWhenUnclaimed(socket, milliseconds) {
  if (milliseconds === 0) return
  const before = look(socket)
  const timer = setTimeout(() => {
    if (!isTaken(socket) && !isTaken(socket, before)) refuse(socket, 404)
  }, milliseconds)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

/** An accepted request: the subprotocol, and the 101 that is yet to be written. */
class Acceptance {
  /**
   * @param {string} protocol
   * @param {string[]} lines
   */
  constructor(protocol, lines) {
    this.protocol = protocol
    /** @type {string | undefined} */
    this.handshake = `${lines.join('\r\n')}\r\n\r\n`
  }

  /** @param {NodeSocket} socket Gets the 101 by way of Node. */
  writeTo(socket) {
    socket.write(this.handshake)
    this.handshake = undefined
  }
}

/**
 * Decides on a claimed request. A refusal is written.
 *
 * @param {IncomingMessage} request
 * @param {NodeSocket} socket
 * @param {object} policy
 * @param {import('./access.js').AccessRules} policy.access
 * @param {(obstacle: 'host' | 'token') => boolean} policy.isExcused Whether a request that may not
 *   become a WebSocket is answered with one all the same.
 * @param {'closed' | 'full' | undefined} policy.unavailable Why there is no room, if there is none.
 * @param {() => string | undefined} policy.reserve Takes what the connection needs, or says what
 *   there is too little of.
 * @param {(lines: string[]) => void} policy.onHeaders May change the lines of the 101.
 * @param {(reason: import('../diagnostics/diagnostics.js').RefusalReason, detail: string) => void} policy.onRefused
 * @returns {Acceptance | undefined} Undefined if there is no connection.
 */
function answer(request, socket, policy) {
  const { access, unavailable, onRefused } = policy
  // Two servers may share one port while the dev server restarts. Vite's own then throws, or writes
  // a refusal into the other's connection.
  if (!markAnswered(socket)) return undefined
  socket.on('error', destroyIt)
  const checked = checkHandshake(request)
  if (!('accept' in checked)) {
    onRefused('handshake', checked.message)
    return void refuse(socket, checked.status, checked.message, checked.headers)
  }
  const obstacle = refusalOf(request, access)
  if (obstacle && !policy.isExcused(obstacle)) {
    onRefused(obstacle, obstacle === 'host' ? 'host not allowed' : 'token mismatch')
    return void refuse(socket, 400)
  }
  const offered = parseProtocols(request.headers['sec-websocket-protocol'])
  if (!offered) {
    onRefused('protocol', 'malformed Sec-WebSocket-Protocol')
    return void refuse(socket, 400, 'Invalid Sec-WebSocket-Protocol header')
  }
  if (!socket.readable || !socket.writable) return void socket.destroy()
  if (unavailable) {
    onRefused(unavailable, unavailable === 'full' ? 'too many clients' : 'the server has closed')
    return void refuse(socket, 503)
  }
  const [protocol = ''] = offered
  const lines = acceptanceLines(checked.accept, protocol)
  policy.onHeaders(lines)
  const shortage = policy.reserve()
  if (shortage) {
    onRefused('exhausted', shortage)
    return void refuse(socket, 503)
  }
  return new Acceptance(protocol, lines)
}

/** @this {NodeSocket} One function for all sockets. */
function destroyIt() {
  this.destroy()
}

module.exports = {
  answer,
  endWhenUnclaimed,
}
