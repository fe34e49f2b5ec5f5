'use strict'

/**
 * Messages of a connection that can be resumed, as the page reads them (docs/reconnect.md). Browser
 * code: every function here stands by itself, see `browser-source.js`.
 *
 * @typedef {object} Texts How the messages begin, as the core writes them.
 * @property {string} hello The whole of the page's first message.
 * @property {string} helloAgain The same of a page that has been reloaded since it could not go on.
 * @property {string} probe The whole of its question whether anybody is there.
 * @property {string} field The field in front of a numbered payload.
 * @property {string} welcome Beginning of the server's answer to a hello, and to a return.
 * @property {string} acknowledgement Beginning of its answer to a probe.
 */
/**
 * @typedef {object} Welcome
 * @property {string} session The server's lifetime.
 * @property {string} client The page.
 * @property {number} seq The sequence number up to which the page counts as informed.
 * @property {number} received How many messages of this page the server has taken.
 * @property {number} missed How many messages follow that the page has missed.
 */
/**
 * @typedef {{ kind: 'raw', data: any }
 *   | { kind: 'numbered', number: number, data: string }
 *   | { kind: 'acknowledgement', count: number }
 *   | { kind: 'welcome', welcome: Welcome }} Message
 */

/**
 * @param {unknown} data What a message event carries.
 * @param {Texts} texts
 * @returns {Message}
 */
function readMessage(data, { field, welcome, acknowledgement }) {
  /** @type {Message} */
  const raw = { kind: 'raw', data }
  if (typeof data !== 'string') return raw
  if (data.startsWith(field)) {
    const digits = /^\d{1,16}(?=[,}])/.exec(data.slice(field.length, field.length + 17))
    return digits ? { kind: 'numbered', number: Number(digits[0]), data } : raw
  }
  const isWelcome = data.startsWith(welcome)
  if (!isWelcome && !data.startsWith(acknowledgement)) return raw
  try {
    const control = JSON.parse(data)
    if (isWelcome) return { kind: 'welcome', welcome: control.data }
    return { kind: 'acknowledgement', count: control.data }
  } catch {
    return raw
  }
}

module.exports = { readMessage }
