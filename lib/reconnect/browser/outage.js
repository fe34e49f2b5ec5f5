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
   * Whether it has to be found out which server answers: one that refuses looks like one that is not
   * reached, and a relay accepts attempts for a server that is down, or refuses.
   */
  get isDoubtful() {
    return this.refusals > 0 || this.broken >= 2
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
   * @param {import('./dialer.js').Attempt['outcome']} outcome Of the attempt.
   * @param {boolean} isThere Whether a ping was answered after an attempt that never opened.
   * @param {number} time
   */
  fail(outcome, isThere, time) {
    this.hasFailed = true
    this.triedAt = time
    this.blind = Math.min(this.lastBlind, 2 * this.blind)
    this.refusals = isThere ? this.refusals + 1 : 0
    this.broken = outcome === 'broken' ? this.broken + 1 : 0
  }

  /**
   * A server that cannot be known and refuses twice is another one: once may mean that the network
   * came back between the attempt and the ping.
   *
   * @param {import('./identity.js').Identity} identity Of the server that answers.
   * @returns {boolean} Whether it is another one than the page's.
   */
  isAnother(identity) {
    if (identity === 'unknown') return this.refusals === 2
    this.refusals = 0
    return identity === 'another'
  }
}

module.exports = { Outage }
