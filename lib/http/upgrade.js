'use strict'

const {
  acceptanceLines,
  checkHandshake,
  joinLines,
  markAnswered,
  parseProtocols,
  refuse,
} = require('./handshake.js')
const { refusalOf } = require('./access.js')
const { isTaken, look } = require('./first-look.js')
const { clearTimeout, setTimeout } = require('../timers.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../connection/adopt.js').NodeSocket} NodeSocket */
/** @typedef {{ protocol: string, handshake: string, isPrompt: boolean }} Accepted */

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

/**
 * Decides on a claimed request. A refusal is written, an answer is not.
 *
 * @param {IncomingMessage} request
 * @param {NodeSocket} socket
 * @param {object} policy
 * @param {import('./access.js').AccessRules} policy.access
 * @param {(obstacle: 'host' | 'token') => boolean} policy.isExcused Whether a request that may not
 *   become a WebSocket is answered with one all the same.
 * @param {'closed' | 'full' | undefined} policy.unavailable Why there is no room, if there is none.
 * @param {boolean} policy.isPrompt Whether the answer may not wait for what follows it.
 * @param {(lines: string[]) => void} policy.onHeaders May change the lines of the 101.
 * @param {(reason: import('../diagnostics/diagnostics.js').RefusalReason, detail: string) => void} policy.onRefused
 * @returns {Accepted | undefined} The subprotocol and the answer; undefined if the request is refused.
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
  return { protocol, handshake: joinLines(lines), isPrompt: policy.isPrompt }
}

/** @this {NodeSocket} One function for all sockets. */
function destroyIt() {
  this.destroy()
}

module.exports = {
  answer,
  endWhenUnclaimed,
}
