'use strict'

/**
 * Whether the other end is still there. A connection that was cut by sleep or a changed network
 * closes minutes later or never, so after some silence the page asks. Browser code, see `browser-source.js`.
 */
class Liveness {
  /**
   * @param {object} timing Milliseconds.
   * @param {number} timing.quiet Silence before a question.
   * @param {number} timing.answer Time for its answer.
   * @param {number} timing.urgentAnswer The same after a sign of sleep or of another network.
   * @param {number} timing.lateness A timer that is later than this has slept.
   * @param {object} host
   * @param {() => number} host.now The wall clock: others may stand still during sleep.
   * @param {(run: () => void, milliseconds: number) => any} host.setTimeout
   * @param {(timer: any) => void} host.clearTimeout
   * @param {() => void} host.probe
   * @param {() => void} host.lose
   */
  constructor(timing, host) {
    this.timing = timing
    this.host = host
    this.isAsking = false
    this.hasSlept = false
    this.heardAt = 0
    this.dueAt = 0
  }

  start() {
    this.heard()
    this.arm(this.timing.quiet)
  }

  stop() {
    this.host.clearTimeout(this.timer)
  }

  heard() {
    this.heardAt = this.host.now()
    this.isAsking = false
    this.hasSlept = false
  }

  /** Asks at once, for a reason to doubt. */
  doubt() {
    this.ask(this.timing.urgentAnswer)
  }

  /** @param {number} limit */
  ask(limit) {
    this.isAsking = true
    this.arm(limit)
    this.host.probe()
  }

  /** @param {number} milliseconds */
  arm(milliseconds) {
    this.stop()
    this.dueAt = this.host.now() + milliseconds
    this.timer = this.host.setTimeout(() => this.onDue(), milliseconds)
  }

  onDue() {
    const { lateness, quiet, answer } = this.timing
    const time = this.host.now()
    // Whatever came meanwhile may still wait behind this timer. Once is enough: the timers of a
    // hidden tab are always late.
    if (time - this.dueAt > lateness && !this.hasSlept) {
      this.hasSlept = true
      return this.doubt()
    }
    if (this.isAsking) return this.host.lose()
    const rest = this.heardAt + quiet - time
    // More is left than there ever was when the clock has been set back.
    if (rest > 0 && rest <= quiet) this.arm(rest)
    else this.ask(answer)
  }
}

module.exports = { Liveness }
