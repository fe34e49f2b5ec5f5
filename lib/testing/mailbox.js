'use strict'

const { codedError } = require('../errors.js')
const { clearTimeout, setTimeout } = require('../timers.js')

/** @typedef {{ type?: string, event?: string, data?: any, [name: string]: any }} Payload */
/**
 * @typedef {object} Waiter
 * @property {(payload: Payload) => boolean} matches
 * @property {(payload: Payload) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {string} what
 * @property {import('./call-site.js').CallSite} site
 * @property {NodeJS.Timeout} timer
 */

/** Below the 5 s after which Jest and Vitest end a test without saying what it waited for. */
const DEFAULT_TIMEOUT_MS = 4000
const LONGEST = 120

/** The messages that a client of a test has got, and the calls that wait for them. */
class Mailbox {
  constructor() {
    /** @type {Payload[]} */
    this.received = []
    /** @type {Payload[]} Those that nobody has asked for yet. */
    this.untaken = []
    /** @type {Set<Waiter>} */
    this.waiters = new Set()
    /** @type {string | undefined} Why nothing more will come. */
    this.end = undefined
  }

  /** @param {Payload} payload */
  put(payload) {
    this.received.push(payload)
    for (const waiter of this.waiters) {
      if (!waiter.matches(payload)) continue
      this.forget(waiter)
      return waiter.resolve(payload)
    }
    this.untaken.push(payload)
  }

  /**
   * The oldest message that is wanted and has not been taken; the others stay for later.
   *
   * @param {string} what
   * @param {(payload: Payload) => boolean} matches
   * @param {object} options
   * @param {import('./call-site.js').CallSite} options.site Where a test asked for it.
   * @param {number} [options.timeout] Milliseconds.
   * @returns {Promise<Payload>}
   */
  take(what, matches, { site, timeout = DEFAULT_TIMEOUT_MS }) {
    const place = this.untaken.findIndex(matches)
    if (place >= 0) return Promise.resolve(this.untaken.splice(place, 1)[0])
    return new Promise((resolve, reject) => {
      if (this.end !== undefined) return reject(this.failure({ what, site }, this.end))
      /** @type {Waiter} */
      const waiter = {
        matches,
        resolve,
        reject,
        what,
        site,
        timer: setTimeout(() => {
          this.forget(waiter)
          reject(this.failure(waiter, `not within ${timeout} ms`))
        }, timeout),
      }
      this.waiters.add(waiter)
    })
  }

  /** @param {string} reason */
  close(reason) {
    this.end = reason
    for (const waiter of this.waiters) {
      this.forget(waiter)
      waiter.reject(this.failure(waiter, reason))
    }
  }

  /** @param {Waiter} waiter */
  forget(waiter) {
    clearTimeout(waiter.timer)
    this.waiters.delete(waiter)
  }

  /**
   * @param {{ what: string, site: import('./call-site.js').CallSite }} waiter
   * @param {string} reason
   */
  failure({ what, site }, reason) {
    const list = this.received.map((payload) => `\n  ${describe(payload)}`).join('')
    const arrived = list ? `What arrived:${list}` : 'Nothing arrived.'
    const message = `vite-native-ws: ${what} did not arrive: ${reason}. ${arrived}`
    return site.blame(codedError(Error, 'ERR_NATIVE_WS_NO_MESSAGE', message))
  }
}

/** @param {Payload} payload */
function describe(payload) {
  const { type, event, ...rest } = payload
  const name = type === 'custom' ? `event "${event}"` : `payload "${type}"`
  const text = JSON.stringify(type === 'custom' ? rest.data : rest) ?? ''
  return `${name} ${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}`.trimEnd()
}

module.exports = { Mailbox }
