'use strict'

const constants = require('../native/constants.js')

/** The share of the high-water mark that may be sent before a turn is told from the one before. */
const SLACK = 1 / 128

/**
 * The turn of the event loop in which something is sent. Nobody can read in the middle of a burst,
 * so the addon is told when a turn is over. For a message or two that is not worth its price, which
 * is that of the whole send.
 */
class SendBatch {
  /**
   * @param {import('../native/native.js').NativeServer} native
   * @param {number} [highWaterMark]
   */
  constructor(native, highWaterMark = constants.defaults.highWaterMark) {
    this.native = native
    this.slack = highWaterMark * SLACK
    this.sent = 0
    this.isEnding = false
    this.end = this.end.bind(this)
  }

  /** @param {number} length Of what is sent, about. */
  note(length) {
    this.sent += length
    if (this.isEnding || this.sent < this.slack) return
    this.isEnding = true
    setImmediate(this.end).unref()
  }

  end() {
    this.isEnding = false
    this.sent = 0
    this.native.endSendBatch()
  }
}

module.exports = { SendBatch }
