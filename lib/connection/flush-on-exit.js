'use strict'

/** @typedef {{ finish(): void }} Finisher */

/**
 * Whoever may have something under way when the process exits. A `send` of `ws` has written by the
 * time it returns, so that a `process.exit()` behind it loses nothing; ours has a thread still at
 * it.
 *
 * @type {Set<Finisher>}
 */
const finishers = new Set()

function finishAll() {
  for (const finisher of finishers) finisher.finish()
}

/** @param {Finisher} finisher Its `finish` is called when the process exits. */
function finishAtExit(finisher) {
  if (finishers.size === 0) process.on('exit', finishAll)
  finishers.add(finisher)
}

/** @param {Finisher} finisher It has nothing under way any more. */
function forgetAtExit(finisher) {
  finishers.delete(finisher)
  if (finishers.size === 0) process.off('exit', finishAll)
}

module.exports = { finishAtExit, forgetAtExit }
