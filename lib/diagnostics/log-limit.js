'use strict'

const { now } = require('../timers.js')

/** Lines that may be written at once. */
const BURST = 20
/** Lines that may follow in each second. */
const PER_SECOND = 2

/**
 * The rate of one kind of log line that clients can cause: a client that sends a thousand bad requests a
 * second must not fill a terminal, nor keep the event loop busy with writing. Pure; time is passed in.
 */
class LogLimit {
  constructor() {
    this.room = BURST
    this.last = 0
    this.omitted = 0
  }

  /**
   * Asks for one line.
   *
   * @param {number} now Milliseconds.
   * @returns {number | undefined} How many lines have been left out since the last one that was
   *   written; undefined if this one is to be left out too.
   */
  take(now) {
    const elapsed = Math.max(0, now - this.last)
    this.last = now
    this.room = Math.min(BURST, this.room + (elapsed / 1000) * PER_SECOND)
    if (this.room < 1) {
      this.omitted++
      return undefined
    }
    this.room--
    const { omitted } = this
    this.omitted = 0
    return omitted
  }
}

/**
 * Keeps one kind of lines within the limit.
 *
 * @param {(line: string) => void} write Told how many lines were left out.
 * @returns {(act: () => void) => void} Calls what makes and writes a line, or does not.
 */
function limitLines(write) {
  const limit = new LogLimit()
  return (act) => {
    const omitted = limit.take(now())
    if (omitted === undefined) return
    if (omitted > 0) write(`vite-native-ws: ${omitted} lines like the next one were left out`)
    act()
  }
}

module.exports = { LogLimit, limitLines }
