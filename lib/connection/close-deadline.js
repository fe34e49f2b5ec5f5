'use strict'

const constants = require('../native/constants.js')
const { isReplaced } = require('../timers.js')

/** @typedef {import('./connection.js').Connection<any>} Connection */

/**
 * The time that a close handshake may take, by the timers of a test. The addon goes by real time,
 * whereas the `setTimeout` of `ws` is the one that a test moves on.
 *
 * @param {Connection} connection Its end has begun.
 * @param {number} [milliseconds]
 * @returns {(() => void) | undefined} Ends the watch; undefined where timers are Node's own.
 */
function watchCloseDeadline(connection, milliseconds = constants.defaults.closeTimeout) {
  if (!isReplaced()) return undefined
  const { clearTimeout, setTimeout } = globalThis
  const timer = setTimeout(() => connection.terminate(), milliseconds)
  // A DOM's timers are numbers.
  if (typeof timer === 'object') timer.unref?.()
  return () => clearTimeout(timer)
}

module.exports = { watchCloseDeadline }
