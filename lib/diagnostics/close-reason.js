'use strict'

/**
 * Meaning of close codes here, for people (RFC 6455, 7.4.1). Browsers send 1001 when a page is left,
 * reloaded or closed.
 *
 * @type {Record<number, string>}
 */
const MEANINGS = {
  1000: 'closed on purpose',
  1001: 'page unload',
  1002: 'protocol error',
  1003: 'unsupported data',
  1005: 'closed without a code',
  1006: 'connection lost without a close frame',
  1007: 'invalid text',
  1008: 'policy violation',
  1009: 'message too big',
  1011: 'error of the client',
  1012: 'restart',
  1013: 'try again later',
}

/**
 * Reasons of the addon that say more than the close code, for people.
 *
 * @type {Record<string, string>}
 */
const REASONS = {
  closeTimeout: 'the close handshake took too long',
  connectionLost: 'connection lost without a close frame',
  keepaliveTimeout: 'no answer to a keepalive ping',
  overflow: 'it did not read',
  protocolError: 'it broke the protocol',
  serverShutdown: 'the server has closed',
  terminated: 'ended by the server without a close frame',
}

/**
 * The reason why a connection ended, for people.
 *
 * @param {number} code
 * @param {string} reason The peer's.
 * @param {{ disconnectReason?: string, errorCode?: string }} [clientInfo]
 */
function describeClose(code, reason, { disconnectReason = '', errorCode } = {}) {
  const known = REASONS[disconnectReason]
  const meaning = known ?? MEANINGS[code] ?? 'a code of its own'
  const detail = disconnectReason === 'protocolError' && errorCode ? `, ${errorCode}` : ''
  return `${meaning}${detail}${reason ? ` (${JSON.stringify(reason)})` : ''}`
}

/**
 * @param {number} milliseconds
 * @returns {string} Such as `3m12s`.
 */
function formatDuration(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000)
  if (seconds < 1) return `${Math.max(0, Math.round(milliseconds))}ms`
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const named = parts.map((value, place) => (value ? `${value}${'hms'[place]}` : ''))
  return named.join('')
}

/**
 * @param {number} bytes
 * @returns {string} Such as `8.1 MiB`.
 */
function formatBytes(bytes) {
  if (bytes < 1024) return `${bytes} B`
  const isLarge = bytes >= 1024 * 1024
  return isLarge ? `${(bytes / 1024 / 1024).toFixed(1)} MiB` : `${(bytes / 1024).toFixed(1)} KiB`
}

module.exports = { formatBytes, formatDuration, describeClose }
