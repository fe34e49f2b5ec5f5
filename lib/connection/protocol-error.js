'use strict'

/**
 * The error that `ws` emits for a breach of the protocol.
 *
 * @param {string} text Code, space, message.
 */
function protocolError(text) {
  const space = text.indexOf(' ')
  const code = text.slice(0, space)
  const Constructor = code === 'WS_ERR_INVALID_UTF8' ? Error : RangeError
  return Object.assign(new Constructor(text.slice(space + 1)), { code })
}

module.exports = { protocolError }
