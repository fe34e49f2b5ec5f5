'use strict'

/**
 * Messages of a resumable connection, as the page reads and writes them (docs/reconnect.md).
 * Browser code: every function here stands by itself, see `source.js`.
 *
 * @typedef {object} Hello
 * @property {string} session The server's lifetime.
 * @property {string} client The page.
 * @property {number} seq The sequence number up to which the page counts as informed.
 * @property {number} received How many data messages of this page the server has taken.
 */
/**
 * @typedef {{ kind: 'raw', data: any }
 *   | { kind: 'numbered', number: number, data: string }
 *   | { kind: 'acknowledgement', count: number }
 *   | { kind: 'hello', hello: Hello }} Message
 */

/**
 * @param {unknown} data What a native message event carries.
 * @returns {Message}
 */
function readMessage(data) {
  if (typeof data !== 'string' || data.charCodeAt(0) !== 1) return { kind: 'raw', data }
  const mark = data[1]
  if (mark === '=') return { kind: 'raw', data: data.slice(2) }
  if (mark === '!') return { kind: 'acknowledgement', count: Number(data.slice(2)) }
  if (mark === 'h') {
    try {
      return { kind: 'hello', hello: JSON.parse(data.slice(2)) }
    } catch {
      return { kind: 'raw', data }
    }
  }
  const space = data.indexOf(' ')
  const number = Number(data.slice(1, space))
  if (space < 2 || !Number.isSafeInteger(number)) return { kind: 'raw', data }
  return { kind: 'numbered', number, data: data.slice(space + 1) }
}

/**
 * @param {any} data What the page sends.
 * @returns {any} The same on the wire: text that begins with a mark must not be taken for one.
 */
function writeMessage(data) {
  return typeof data === 'string' && data.charCodeAt(0) === 1 ? `\u0001=${data}` : data
}

module.exports = { readMessage, writeMessage }
