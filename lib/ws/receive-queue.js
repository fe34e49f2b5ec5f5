'use strict'

const { setImmediate } = require('../timers.js')

/** Deliveries that may wait in a spaced receive queue before nothing more is read. */
const MOST_WAITING = 64

/** @typedef {import('../connection/connection.js').Connection} Connection */

/**
 * Messages that have arrived for one WebSocket and are not emitted yet: it is paused, or gets one event
 * in a turn of the event loop (`allowSynchronousEvents: false`).
 *
 * It has messages that the addon had already read; then the addon stops reading. A close frame of the
 * peer is answered behind what listeners send in reply to them.
 */
class ReceiveQueue {
  /**
   * @param {boolean} isSpaced Whether there is one delivery in a turn of the event loop.
   * @param {Connection | undefined} connection
   */
  constructor(isSpaced, connection) {
    this.isSpaced = isSpaced
    this.connection = connection
    /** Whether the addon has been told to stop reading. */
    this.isFull = false
    /** Whether it has been told to hold the answer to a close frame back. */
    this.isHolding = false
    this.isPaused = false
    /** The connection is over: nothing can be kept back any more. */
    this.isEnding = false
    this.isScheduled = false
    /** @type {(() => void)[]} */
    this.deliveries = []
  }

  /** @param {() => void} deliver */
  add(deliver) {
    const { deliveries } = this
    if (deliveries.length === 0 && !this.isPaused && !this.isSpaced) return deliver()
    deliveries.push(deliver)
    this.schedule()
    this.report()
  }

  pause() {
    if (this.isEnding) return
    this.isPaused = true
    this.report()
  }

  resume() {
    this.isPaused = false
    this.schedule()
    this.report()
  }

  /**
   * The connection is over: what is left is delivered, each in its turn, and this at last.
   *
   * @param {() => void} deliver
   */
  end(deliver) {
    this.isEnding = true
    this.isPaused = false
    this.add(deliver)
  }

  /** Delivers all that is left, now: the connection is over. */
  flush() {
    try {
      for (let next = this.deliveries.shift(); next; next = this.deliveries.shift()) next()
    } finally {
      if (this.deliveries.length > 0) this.schedule()
    }
  }

  schedule() {
    if (this.isScheduled || this.isPaused) return
    this.isScheduled = true
    setImmediate(() => this.turn())
  }

  turn() {
    const { deliveries } = this
    const isBusy = deliveries.length > 0
    this.isScheduled = false
    try {
      while (deliveries.length > 0 && !this.isPaused) {
        deliveries.shift()?.()
        if (this.isSpaced) break
      }
    } finally {
      // One turn more for what the last listener has left to promises and ticks.
      if (isBusy) this.schedule()
      this.report()
    }
  }

  /**
   * Tells the addon what has changed for it. It reads again once nothing is left here; who has called
   * `resume` may still be about to reply.
   */
  report() {
    const { connection, deliveries, isPaused } = this
    const isHolding = isPaused || this.isScheduled
    const isFull = isPaused || deliveries.length >= (this.isFull ? 1 : MOST_WAITING)
    if (isFull !== this.isFull) {
      this.isFull = isFull
      connection?.setPaused(isFull)
    }
    if (isHolding !== this.isHolding) {
      this.isHolding = isHolding
      connection?.holdAnswer(isHolding ? 1 : -1)
    }
  }
}

module.exports = { ReceiveQueue }
