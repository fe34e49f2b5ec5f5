'use strict'

/** @typedef {{ flush(): void }} Flusher */

/**
 * Objects that may have something under way when the process exits. A `send` of `ws` has written by the
 * time it returns, so that a `process.exit()` behind it loses nothing; with ours a thread is
 * still at it.
 *
 * @type {Set<Flusher>}
 */
const flushers = new Set()

function flushAll() {
  for (const flusher of flushers) flusher.flush()
}

/** @param {Flusher} flusher Its `flush` is called when the process exits. */
function flushAtExit(flusher) {
  if (flushers.size === 0) process.on('exit', flushAll)
  flushers.add(flusher)
}

/** @param {Flusher} flusher It has nothing under way any more. */
function forgetAtExit(flusher) {
  flushers.delete(flusher)
  if (flushers.size === 0) process.off('exit', flushAll)
}

module.exports = { flushAtExit, forgetAtExit }
