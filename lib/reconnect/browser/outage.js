'use strict'

/**
 * One loss, until the page is back or gives up: when it may try, and when it has tried enough.
 * Browser code, see `source.js`.
 */
class Outage {
  /**
   * @param {{ firstBlind: number, lastBlind: number }} timing Milliseconds.
   * @param {number} time
   */
  constructor({ firstBlind, lastBlind }, time) {
    this.blind = firstBlind / 2
    this.lastBlind = lastBlind
    this.triedAt = time
    this.hasFailed = false
    this.refusals = 0
  }

  /**
   * Whether there has to be an answer to a ping before the next attempt: the browser writes a red
   * line about every attempt that fails. The first one is worth it, as most cuts are short.
   */
  get isAsking() {
    return this.hasFailed && this.refusals === 0
  }

  /**
   * Whether to try although no ping was answered. Pings can fail where an attempt would not, so the
   * page must not depend on them; less and less often, for each attempt may cost a red line.
   *
   * @param {number} time
   */
  isOverdue(time) {
    const passed = time - this.triedAt
    // The clock may have been set back.
    return passed < 0 || passed >= this.blind
  }

  /**
   * A server that refuses looks like one that is down. It is another one now, unless the network
   * came back between the attempt and the ping.
   *
   * @param {boolean} isThere Whether the attempt never opened and a ping was answered after it.
   * @param {number} time
   * @returns {boolean} Whether that was enough.
   */
  fail(isThere, time) {
    this.hasFailed = true
    this.triedAt = time
    this.blind = Math.min(this.lastBlind, 2 * this.blind)
    this.refusals = isThere ? this.refusals + 1 : 0
    return this.refusals === 2
  }
}

module.exports = { Outage }
