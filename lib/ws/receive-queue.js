'use strict'

const { setImmediate } = require('../timers.js')

/** Deliveries that may wait in a spaced receive queue before nothing more is read. */
const MOST_WAITING = 64

/**
 * Messages that have arrived for one WebSocket and are not emitted yet: it is paused, or gets one event
 * in a turn of the event loop (`allowSynchronousEvents: false`).
 *
 * It holds messages that the addon had already read; then the addon stops reading.
 */
class ReceiveQueue {
  /**
   * @param {boolean} isSpaced Whether there is one delivery in a turn of the event loop.
   * @param {(isHeld: boolean) => void} hold Makes the addon stop reading, or go on.
   */
  constructor(isSpaced, hold) {
    this.isSpaced = isSpaced
    this.hold = hold
    this.isHeld = false
    this.isPaused = false
    this.isScheduled = false
    /** @type {(() => void)[]} */
    this.deliveries = []
  }

  /** @param {() => void} deliver */
  add(deliver) {
    const { deliveries } = this
    if (deliveries.length === 0 && !this.isPaused && !this.isSpaced) return deliver()
    deliveries.push(deliver)
    if (deliveries.length >= MOST_WAITING) this.setHeld(true)
    this.schedule()
  }

  pause() {
    this.isPaused = true
    this.setHeld(true)
  }

  resume() {
    this.isPaused = false
    if (this.deliveries.length === 0) this.setHeld(false)
    else this.schedule()
  }

  /** Delivers all that is left: the connection is over. */
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
    this.isScheduled = false
    try {
      while (deliveries.length > 0 && !this.isPaused) {
        deliveries.shift()?.()
        if (this.isSpaced) break
      }
    } finally {
      if (deliveries.length > 0) this.schedule()
      else if (!this.isPaused) this.setHeld(false)
    }
  }

  /** @param {boolean} isHeld */
  setHeld(isHeld) {
    if (this.isHeld === isHeld) return
    this.isHeld = isHeld
    this.hold(isHeld)
  }
}

module.exports = { ReceiveQueue }
