'use strict'

/** Data to send, converted as `ws` does it (`ws` 8.23 `sender.js`). */

const { Blob } = require('node:buffer')
const { isUint8Array } = require('node:util/types')

/** @typedef {InstanceType<typeof Blob>} NodeBlob */

const EMPTY = Buffer.alloc(0)

/** The longest payload of a control frame, in bytes (RFC 6455, 5.5). */
const MAX_CONTROL_BYTES = 125

/**
 * Strings and Blobs as they are, all else as bytes.
 *
 * @param {any} data
 * @returns {string | Uint8Array | NodeBlob}
 * @throws {TypeError} Of `Buffer.from`, for a value that has no bytes.
 */
function toPayload(data) {
  if (typeof data === 'string' || Buffer.isBuffer(data) || isBlob(data)) return data
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return Buffer.from(data)
}

/** @param {string | Uint8Array | NodeBlob} payload */
function byteLength(payload) {
  if (typeof payload === 'string') return Buffer.byteLength(payload)
  return isBlob(payload) ? payload.size : payload.length
}

/**
 * Whether a value is a Blob, of any implementation.
 *
 * @param {any} value
 * @returns {value is NodeBlob}
 */
function isBlob(value) {
  return (
    typeof value === 'object' &&
    typeof value?.arrayBuffer === 'function' &&
    typeof value.type === 'string' &&
    typeof value.stream === 'function' &&
    ['Blob', 'File'].includes(value[Symbol.toStringTag])
  )
}

/**
 * The bytes of a close reason; throws what `ws` throws for a code or reason that must not be sent.
 *
 * @param {unknown} code
 * @param {any} reason
 * @returns {Uint8Array}
 */
function toCloseReason(code, reason) {
  if (code === undefined) return EMPTY
  if (typeof code !== 'number' || !isValidStatusCode(code)) {
    throw new TypeError('First argument must be a valid error code number')
  }
  if (reason === undefined || !reason.length) return EMPTY
  if (Buffer.byteLength(reason) > MAX_CONTROL_BYTES - 2) {
    throw new RangeError('The message must not be greater than 123 bytes')
  }
  if (typeof reason === 'string') return Buffer.from(reason)
  if (isUint8Array(reason)) return reason
  throw new TypeError('Second argument must be a string or a Uint8Array')
}

/** @param {number} code */
function isValidStatusCode(code) {
  const isDefined = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)
  return isDefined || (code >= 3000 && code <= 4999)
}

/**
 * A binary message as the receiver has asked for it.
 *
 * @param {Buffer} data
 * @param {string} type
 */
function toBinaryType(data, type) {
  switch (type) {
    case 'arraybuffer':
      if (data.length === data.buffer.byteLength) return data.buffer
      return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
    case 'blob':
      return new Blob([data])
    case 'fragments':
      return data.length > 0 ? [data] : []
    default:
      return data
  }
}

module.exports = {
  byteLength,
  EMPTY,
  isBlob,
  MAX_CONTROL_BYTES,
  toBinaryType,
  toCloseReason,
  toPayload,
}
