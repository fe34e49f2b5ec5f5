'use strict'

const { readMessage } = require('./message.js')
const { NativeSocket } = require('./native-socket.js')

/** @typedef {import('./host.js').Host} Host */
/** @typedef {import('./message.js').Welcome} Welcome */
/**
 * Outcome of an attempt: the same server goes on; it, or another, will not; there was no
 * connection, which a refused one looks like as well; there was one and it broke, or no answer.
 *
 * @typedef {{ outcome: 'resumed' | 'refused' | 'unreached' | 'broken', reason?: string,
 *   isKnown?: boolean }} Attempt Known is a reason that the server has given.
 */

/** How one page reaches its server. Browser code, see `browser-source.js`. */
class Dialer {
  /**
   * @param {string} url
   * @param {string} protocol
   * @param {import('./settings.js').ReconnectSettings} settings
   * @param {Host} host
   */
  constructor(url, protocol, settings, host) {
    this.url = url
    this.protocol = protocol
    this.settings = settings
    this.host = host
  }

  /** @param {string} [ticket] What a page that returns has to show. */
  dial(ticket) {
    const { url, protocol, host } = this
    const separator = url.includes('?') ? '&' : '?'
    const target = ticket === undefined ? url : `${url}${separator}vite-native-ws=${ticket}`
    return new NativeSocket(new host.WebSocket(target, protocol))
  }

  /**
   * @param {string} ticket
   * @param {(native: NativeSocket, welcome: Welcome) => string | undefined} take Takes the
   *   connection over, or says why the page cannot go on with it.
   * @returns {Promise<Attempt>}
   */
  resume(ticket, take) {
    return new Promise((resolve) => {
      const native = this.dial(ticket)
      let isOpen = false
      /** @param {Attempt} attempt */
      const end = (attempt) => {
        this.host.clearTimeout(timer)
        if (attempt.outcome !== 'resumed') native.drop(this.settings.lost)
        resolve(attempt)
      }
      // A server whose JavaScript is busy does not answer either: that is no refusal.
      const timer = this.host.setTimeout(() => end({ outcome: 'broken' }), this.settings.attempt)
      native.on = {
        open: () => {
          isOpen = true
        },
        close: ({ code, reason }) => {
          if (!isOpen) end({ outcome: 'unreached' })
          // A relay between may have accepted for a server that it then did not reach.
          else if (code !== this.settings.cannotResume) end({ outcome: 'broken' })
          else end({ outcome: 'refused', reason, isKnown: true })
        },
        message: ({ data }) => {
          const message = readMessage(data, this.settings.texts)
          if (message.kind !== 'welcome') {
            return end({ outcome: 'refused', reason: this.settings.reasons.foreign })
          }
          const reason = take(native, message.welcome)
          end(reason === undefined ? { outcome: 'resumed' } : { outcome: 'refused', reason })
        },
      }
    })
  }

  /**
   * @param {number} [code] Of a close.
   * @returns {boolean} Whether nobody wanted it: it broke, or what is between was stopped. A relay
   *   whose server has gone closes with 1000, with no code or with one of its own; a stand-in for the
   *   browser's socket that has no code says 0, or nothing.
   */
  isBreak(code = 0) {
    return [0, 1000, 1001, 1005, 1006, 1011, 1012, 1014].includes(code)
  }
}

module.exports = { Dialer }
