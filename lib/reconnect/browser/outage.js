'use strict'

/**
 * One loss, until the page is back or gives up: when it may try, and when it has tried enough.
 * Browser code, see `browser-source.js`.
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
    this.broken = 0
  }

  /**
   * Whether attempts are accepted and then come to nothing. So does a relay whose server is down, or
   * refuses; which it is has to be found out in another way.
   */
  get isRelayed() {
    return this.broken >= 2
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
   * @param {import('./dialer.js').Attempt['outcome']} outcome Of the attempt.
   * @param {boolean} isThere Whether a ping was answered after an attempt that never opened.
   * @param {number} time
   * @returns {boolean} Whether that was enough.
   */
  fail(outcome, isThere, time) {
    this.hasFailed = true
    this.triedAt = time
    this.blind = Math.min(this.lastBlind, 2 * this.blind)
    this.refusals = isThere ? this.refusals + 1 : 0
    this.broken = outcome === 'broken' ? this.broken + 1 : 0
    return this.refusals === 2
  }
}

module.exports = { Outage }
