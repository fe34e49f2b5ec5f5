'use strict'

/**
 * One of the browser's sockets, and its listener. Browser code, see `browser-source.js`.
 *
 * Tests put stand-ins in the place of the browser's class: some only call the `on…` handlers, some
 * only dispatch events. So we listen both ways, and from its first event on only in the way in
 * which that came.
 */
class NativeSocket {
  /** @param {any} socket */
  constructor(socket) {
    this.socket = socket
    /** @type {Record<string, (event: any) => void>} */
    this.on = {}
    /** @type {'handler' | 'listener' | undefined} */
    this._way = undefined
    /** @type {[string, (event: any) => void][]} */
    this._listeners = []
    for (const type of ['open', 'message', 'error', 'close']) {
      const listener = (/** @type {any} */ event) => this._hear('listener', type, event)
      socket[`on${type}`] = (/** @type {any} */ event) => this._hear('handler', type, event)
      socket.addEventListener?.(type, listener)
      this._listeners.push([type, listener])
    }
  }

  /**
   * @param {'handler' | 'listener'} way
   * @param {string} type
   * @param {any} event
   */
  _hear(way, type, event) {
    this._way ??= way
    if (this._way === way) this.on[type]?.(event)
  }

  /**
   * Nobody shall hear of it any more.
   *
   * @param {number} code By which a server that is still there knows that the page has not left.
   */
  drop(code) {
    this.on = {}
    for (const [type, listener] of this._listeners) {
      this.socket[`on${type}`] = null
      this.socket.removeEventListener?.(type, listener)
    }
    this.socket.close(code)
  }
}

module.exports = { NativeSocket }
