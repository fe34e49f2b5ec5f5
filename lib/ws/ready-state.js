'use strict'

/** The states of a WebSocket, by their numbers (`ws` 8.23, `doc/ws.md`, "Ready state constants"). */
const READY_STATES = Object.freeze(['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'])
const [CONNECTING, OPEN, CLOSING, CLOSED] = READY_STATES.keys()

module.exports = { READY_STATES, CONNECTING, OPEN, CLOSING, CLOSED }
