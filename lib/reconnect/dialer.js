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

  /**
   * Whether any dev server answers at this address, asked as Vite's client asks before it reloads.
   *
   * @returns {Promise<boolean>}
   */
  ping() {
    const url = new URL(this.url)
    url.search = ''
    return new Promise((resolve) => {
      /** @type {any} */
      let native
      /** @param {boolean} isThere */
      const end = (isThere) => {
        this.host.clearTimeout(timer)
        if (native) this.drop(native)
        resolve(isThere)
      }
      const timer = this.host.setTimeout(() => end(false), this.settings.attempt)
      if (this.settings.ping === 'fetch') {
        url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:'
        // The only header that such a request may carry (Vite 5.4 `client.ts`).
        const headers = { Accept: 'text/x-vite-ping' }
        const answer = this.host.fetch(url.href, { mode: 'no-cors', headers })
        answer.then(
          () => end(true),
          () => end(false),
        )
        return
      }
      native = new this.host.WebSocket(url.href, 'vite-ping')
      native.onopen = () => end(true)
      native.onclose = () => end(false)
    })
  }
}

module.exports = { Dialer }
