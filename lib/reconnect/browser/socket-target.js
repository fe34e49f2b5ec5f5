'use strict'

/**
 * The part of the browser's WebSocket that is an event target with constants. Browser code, see
 * `browser-source.js`.
 */
class SocketTarget extends EventTarget {
  constructor() {
    super()
    /** @type {Record<string, Function | null>} */
    this._handlers = {}
  }

  get CONNECTING() {
    return 0
  }

  get OPEN() {
    return 1
  }

  get CLOSING() {
    return 2
  }

  get CLOSED() {
    return 3
  }

  get onopen() {
    return this._handlerOf('open')
  }

  set onopen(handler) {
    this._setHandler('open', handler)
  }

  get onmessage() {
    return this._handlerOf('message')
  }

  set onmessage(handler) {
    this._setHandler('message', handler)
  }

  get onerror() {
    return this._handlerOf('error')
  }

  set onerror(handler) {
    this._setHandler('error', handler)
  }

  get onclose() {
    return this._handlerOf('close')
  }

  set onclose(handler) {
    this._setHandler('close', handler)
  }

  /** @param {string} type */
  _handlerOf(type) {
    return this._handlers[type] ?? null
  }

  /**
   * @param {string} type
   * @param {Function | null} handler
   */
  _setHandler(type, handler) {
    if (!(type in this._handlers)) {
      this.addEventListener(type, (event) => this._handlers[type]?.call(this, event))
    }
    this._handlers[type] = typeof handler === 'function' ? handler : null
  }
}

module.exports = { SocketTarget }
