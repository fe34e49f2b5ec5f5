'use strict'

const EMPTY = Buffer.alloc(0)

/** The longest payload of a control frame, in bytes (RFC 6455, 5.5). */
const MAX_CONTROL_BYTES = 125

/**
 * What `ws` sends for a value: strings as they are, all else as bytes.
 *
 * @param {any} data
 * @returns {string | Uint8Array}
 */
function toPayload(data) {
  return typeof data === 'string' ? data : toBytes(data)
}

/**
 * @param {any} data
 * @returns {Uint8Array}
 */
function toBytes(data) {
  if (Buffer.isBuffer(data)) return data
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return Buffer.from(data)
}

/** @param {string | Uint8Array} payload */
function byteLength(payload) {
  return typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
}

/**
 * Throws what `ws` throws for a close code or reason that must not be sent.
 *
 * @param {unknown} code
 * @param {Uint8Array} reason
 */
function checkClose(code, reason) {
  if (code === undefined) return
  if (typeof code !== 'number' || !isValidStatusCode(code)) {
    throw new TypeError('First argument must be a valid error code number')
  }
  if (reason.length > MAX_CONTROL_BYTES - 2) {
    throw new RangeError('The message must not be greater than 123 bytes')
  }
}

/** @param {number} code */
function isValidStatusCode(code) {
  const isDefined = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)
  return isDefined || (code >= 3000 && code <= 4999)
}

module.exports = { byteLength, checkClose, EMPTY, MAX_CONTROL_BYTES, toBytes, toPayload }
