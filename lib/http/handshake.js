'use strict'

const http = require('node:http')
const { loadBinary } = require('../native/binary.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:stream').Duplex} Duplex */
/** @typedef {{ status: number, message: string, headers?: Record<string, string> }} Refusal */

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Sockets that a server of this package, or of another copy of it, has answered. */
const kAnswered = Symbol.for('vite-native-ws.answered')

/**
 * Checks that a request is a WebSocket handshake (`ws` 8.23 `websocket-server.js`).
 *
 * @param {IncomingMessage} request
 * @returns {{ accept: string } | Refusal}
 */
function checkHandshake(request) {
  const { headers } = request
  const result = loadBinary().acceptHandshake(
    request.method ?? '',
    headers.upgrade,
    headers['sec-websocket-key'],
    Number(headers['sec-websocket-version']),
  )
  if (typeof result === 'string') return { accept: result }
  return {
    status: result.status,
    message: result.message,
    headers: result.namesVersions ? { 'Sec-WebSocket-Version': '13, 8' } : undefined,
  }
}

/**
 * The subprotocols that a client offers, in its order (RFC 6455, 11.3.4).
 *
 * @param {string | undefined} header
 * @returns {Set<string> | undefined} Undefined if the header is malformed or names one twice.
 */
function parseProtocols(header) {
  if (header === undefined) return new Set()
  const names = header.split(',').map(trimBlanks)
  const protocols = new Set(names)
  if (protocols.size < names.length || !names.every((name) => TOKEN.test(name))) return undefined
  return protocols
}

/**
 * A name without the spaces and tabs around it. A pattern for those at the end would begin anew at
 * each of them, and take the square of the length.
 *
 * @param {string} name
 */
function trimBlanks(name) {
  const isBlank = (/** @type {number} */ place) => name[place] === ' ' || name[place] === '\t'
  let [start, end] = [0, name.length]
  while (start < end && isBlank(start)) start++
  while (end > start && isBlank(end - 1)) end--
  return name.slice(start, end)
}

/**
 * The lines of the 101, without the empty one that ends it: `headers` listeners may add some.
 *
 * @param {string} accept
 * @param {string | undefined} protocol
 */
function acceptanceLines(accept, protocol) {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
  ]
  if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
  return lines
}

/** @param {string[]} lines Of a 101. */
function joinLines(lines) {
  return `${lines.join('\r\n')}\r\n\r\n`
}

/**
 * Answers a handshake with a complete HTTP response and ends the connection.
 *
 * @param {Duplex} socket
 * @param {number} status
 * @param {string} [message] The body; by default the status in words.
 * @param {Record<string, string>} [headers]
 */
function refuse(socket, status, message = http.STATUS_CODES[status] ?? '', headers = {}) {
  const lines = Object.entries({
    Connection: 'close',
    'Content-Type': 'text/html',
    'Content-Length': String(Buffer.byteLength(message)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  socket.once('finish', socket.destroy)
  socket.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${message}`,
  )
}

/**
 * Marks a socket as answered.
 *
 * @param {Duplex & { [kAnswered]?: boolean }} socket
 * @returns {boolean} False if it was before.
 */
function markAnswered(socket) {
  if (socket[kAnswered]) return false
  socket[kAnswered] = true
  return true
}

module.exports = {
  acceptanceLines,
  checkHandshake,
  joinLines,
  markAnswered,
  parseProtocols,
  refuse,
}
