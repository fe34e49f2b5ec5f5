'use strict'

/** The states of a WebSocket, by their numbers (`ws` 8.23, `doc/ws.md`, "Ready state constants"). */
const READY_STATES = Object.freeze(['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'])
const [CONNECTING, OPEN, CLOSING, CLOSED] = READY_STATES.keys()

/**
 * Gives a class its states by name, on itself and on its objects.
 *
 * @param {Function} Constructor
 */
function addReadyStates(Constructor) {
  for (const [value, name] of READY_STATES.entries()) {
    Object.defineProperty(Constructor, name, { enumerable: true, value })
    Object.defineProperty(Constructor.prototype, name, { enumerable: true, value })
  }
}

module.exports = { addReadyStates, READY_STATES, CONNECTING, OPEN, CLOSING, CLOSED }
