'use strict'

const { EventEmitter } = require('node:events')

/** @typedef {(...args: any[]) => void} Listener */

/**
 * An emitter that notices when its own listeners come and go. Node's `newListener` event would
 * do for the first, but shows in `eventNames()` and comes too early.
 */
class ListenerAwareEmitter extends EventEmitter {
  /**
   * Listeners of an event have come or gone.
   *
   * @param {string | symbol} [_event] Undefined if those of all events may have.
   */
  _onListeners(_event) {}

  /**
   * @param {string | symbol} event
   * @param {Listener} listener
   */
  on(event, listener) {
    super.on(event, listener)
    this._onListeners(event)
    return this
  }

  /**
   * @param {string | symbol} event
   * @param {Listener} listener
   */
  addListener(event, listener) {
    return this.on(event, listener)
  }

  /**
   * @param {string | symbol} event
   * @param {Listener} listener
   */
  prependListener(event, listener) {
    super.prependListener(event, listener)
    this._onListeners(event)
    return this
  }

  /**
   * @param {string | symbol} event
   * @param {Listener} listener
   */
  removeListener(event, listener) {
    super.removeListener(event, listener)
    this._onListeners(event)
    return this
  }

  /**
   * @param {string | symbol} event
   * @param {Listener} listener
   */
  off(event, listener) {
    return this.removeListener(event, listener)
  }

  /** @param {string | symbol} [event] */
  removeAllListeners(event) {
    if (event === undefined) super.removeAllListeners()
    else super.removeAllListeners(event)
    this._onListeners(event)
    return this
  }
}

module.exports = { ListenerAwareEmitter }
