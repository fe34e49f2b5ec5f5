'use strict'

/** Connections that may wait to be accepted: all tabs of a team come back at once. Node has 511. */
const BACKLOG = 4096

/**
 * Makes room for more connections to wait on a server that somebody else has started, or will
 * start. What finds no room waits a second or more until TCP tries again.
 *
 * @param {import('node:net').Server} server
 */
function raiseBacklog(server) {
  // There is no public way to change the backlog of a server that listens (Node 20 to 26).
  const listenAgain = () => /** @type {any} */ (server)._handle?.listen?.(BACKLOG)
  if (server.listening) return listenAgain()
  if (waiting.has(server)) return
  waiting.add(server)
  server.once('listening', () => {
    waiting.delete(server)
    listenAgain()
  })
}

/**
 * Servers that have yet to listen, so that each gets one listener, however many of ours share it.
 *
 * @type {WeakSet<object>}
 */
const waiting = new WeakSet()

module.exports = { BACKLOG, raiseBacklog }
