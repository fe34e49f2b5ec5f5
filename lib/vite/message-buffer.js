'use strict'

/** @typedef {import('./hot-channel.js').Payload} Payload */

/** The most custom events kept for the first client, and their length as JSON, in characters. */
const MAX_EVENTS = 256
const MAX_LENGTH = 256 * 1024

/**
 * Messages kept for clients that were not there when they were sent.
 *
 * Without `retain` exactly what Vite keeps: while there is no client, the last `error` (since
 * Vite 8, or `full-reload`), for the first one to come. With it, besides: an error until an update
 * or a reload clears it, for every client to come; and the custom events sent before the first
 * client, in order.
 */
class MessageBuffer {
  /**
   * @param {object} options
   * @param {boolean} options.isWide `retain`
   * @param {boolean} options.keepsReload
   */
  constructor({ isWide, keepsReload }) {
    this.isWide = isWide
    this.keptTypes = keepsReload ? ['error', 'full-reload'] : ['error']
    /** @type {Payload | undefined} */
    this.slot = undefined
    /** @type {Payload | undefined} */
    this.error = undefined
    /** @type {string[]} */
    this.events = []
    this.eventsLength = 0
    this.hadClient = false
  }

  /**
   * @param {Payload} payload A payload that is about to be sent.
   * @param {boolean} hasClients
   * @returns {boolean} Whether it is kept instead of being sent.
   */
  keep(payload, hasClients) {
    const { type } = payload
    if (this.isWide) {
      if (type === 'error') this.error = payload
      else if (type === 'update' || type === 'full-reload') this.error = undefined
    }
    if (hasClients) return false
    if (this.isWide && type === 'custom' && !this.hadClient) return this.keepEvent(payload)
    if (!this.keptTypes.includes(type)) return false
    this.slot = payload
    return true
  }

  /** @param {Payload} payload */
  keepEvent(payload) {
    const text = JSON.stringify(payload)
    this.events.push(text)
    this.eventsLength += text.length
    while (this.events.length > MAX_EVENTS || this.eventsLength > MAX_LENGTH) {
      this.eventsLength -= this.events.shift()?.length ?? 0
    }
    return true
  }

  /** The first one to come is about to reload: a reload that was kept for it would be its second. */
  forgetReload() {
    if (this.slot?.type === 'full-reload') this.slot = undefined
  }

  /**
   * The messages for a client that has just connected, as JSON, in order.
   *
   * @returns {string[]}
   */
  welcome() {
    const { events, error, slot } = this
    this.events = []
    this.slot = undefined
    this.hadClient = true
    const owed = [...new Set([slot, error])].filter((payload) => payload !== undefined)
    return [...events, ...owed.map((payload) => JSON.stringify(payload))]
  }
}

module.exports = { MessageBuffer }
