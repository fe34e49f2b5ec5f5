'use strict'

const { readMessage } = require('./message.js')

/** @typedef {import('./host.js').Host} Host */
/** @typedef {import('./message.js').Hello} Hello */
/**
 * What became of an attempt: the same server goes on; it, or another, will not; there was no
 * connection, which a refused one looks like as well; there was one and it broke, or no answer.
 *
 * @typedef {'resumed' | 'refused' | 'unreached' | 'broken'} Outcome
 */

/** How one page reaches its server. Browser code, see `source.js`. */
class Dialer {
  /**
   * @param {string} url
   * @param {string} protocol
   * @param {{ ping: 'socket' | 'fetch', attempt: number }} settings
   * @param {Host} host
   */
  constructor(url, protocol, settings, host) {
    this.url = url
    this.protocol = protocol
    this.settings = settings
    this.host = host
  }

  /** @param {string} ticket Which connection is wanted: `new`, or one to go on with. */
  dial(ticket) {
    const { url, protocol, host } = this
    const separator = url.includes('?') ? '&' : '?'
    return new host.WebSocket(`${url}${separator}vite-native-ws=${ticket}`, protocol)
  }

  /**
   * @param {any} native A socket that nobody shall hear of any more.
   */
  drop(native) {
    native.onopen = native.onmessage = native.onerror = native.onclose = null
    native.close()
  }

  /**
   * @param {string} ticket
   * @param {(native: any, hello: Hello) => boolean} take Whether the page can go on with it.
   * @returns {Promise<Outcome>}
   */
  resume(ticket, take) {
    return new Promise((resolve) => {
      const native = this.dial(ticket)
      let isOpen = false
      /** @param {Outcome} outcome */
      const end = (outcome) => {
        this.host.clearTimeout(timer)
        if (outcome !== 'resumed') this.drop(native)
        resolve(outcome)
      }
      // A server whose JavaScript is busy does not answer either: that is no refusal.
      const timer = this.host.setTimeout(() => end('broken'), this.settings.attempt)
      native.onopen = () => {
        isOpen = true
      }
      native.onclose = (/** @type {any} */ { code }) => {
        if (!isOpen) end('unreached')
        else end(this.isBreak(code) ? 'broken' : 'refused')
      }
      native.onmessage = (/** @type {any} */ { data }) => {
        const message = readMessage(data)
        const isTaken = message.kind === 'hello' && take(native, message.hello)
        end(isTaken ? 'resumed' : 'refused')
      }
    })
  }

  /**
   * @param {number} code Of a close.
   * @returns {boolean} Whether nobody wanted it: it broke, or a proxy between was stopped.
   */
  isBreak(code) {
    return code === 1006 || code === 1001 || code === 1012
  }
}

module.exports = { Dialer }
