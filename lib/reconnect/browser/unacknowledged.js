'use strict'

/**
 * Messages of the page that the server has not acknowledged: they go out again after a
 * resumption. Browser code, see `browser-source.js`.
 */
class Unacknowledged {
  /** @param {{ maxMessages: number, maxBytes: number }} limits Text counts by its length. */
  constructor({ maxMessages, maxBytes }) {
    this.maxMessages = maxMessages
    this.maxBytes = maxBytes
    /** @type {{ data: any, size: number }[]} */
    this.kept = []
    this.bytes = 0
    /** Messages before the first one kept, over all connections. */
    this.dropped = 0
  }

  /**
   * Above a limit the oldest are given up. The newest always has a place: it may be large.
   *
   * @param {any} data
   */
  keep(data) {
    const size = data.length ?? data.byteLength ?? data.size
    this.kept.push({ data, size })
    this.bytes += size
    while (this.kept.length > 1 && this.isAbove(1)) this.drop()
  }

  drop() {
    const [{ size }] = this.kept.splice(0, 1)
    this.bytes -= size
    this.dropped += 1
  }

  /** @param {number} part Of the limits. */
  isAbove(part) {
    return this.kept.length > part * this.maxMessages || this.bytes > part * this.maxBytes
  }

  /** @param {number} count How many the server has taken in total. */
  acknowledge(count) {
    while (this.kept.length > 0 && this.dropped < count) this.drop()
  }

  /**
   * @param {number} count How many the server has taken in total.
   * @returns {boolean} Whether everything behind them is still here.
   */
  canContinueFrom(count) {
    return count >= this.dropped && count <= this.dropped + this.kept.length
  }
}

module.exports = { Unacknowledged }
