'use strict'

/** Behind the end of a copy, so that no half of a secret is left of one that stands there. */
const MAX_SECRET_LENGTH = 256

/**
 * A copy of the beginning of a payload that keeps nothing of the whole alive, with secrets taken
 * out.
 *
 * @param {string} text
 * @param {number} most Bytes.
 * @param {readonly string[]} secrets
 * @returns {Buffer}
 */
function copyBeginning(text, most, secrets) {
  const clean = redact(text.slice(0, most + MAX_SECRET_LENGTH), secrets).slice(0, most)
  const bytes = Math.min(most, Buffer.byteLength(clean))
  const copy = Buffer.allocUnsafeSlow(bytes)
  // A character that does not fit is left out as a whole.
  return copy.subarray(0, copy.write(clean))
}

/**
 * @param {string} text
 * @param {readonly string[]} secrets
 */
function redact(text, secrets) {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '[token]'), text)
}

/**
 * A string that is no slice of a longer one, which it would keep alive.
 *
 * @param {string} text
 */
function detach(text) {
  return Buffer.from(text).toString()
}

module.exports = { copyBeginning, detach, redact }
