'use strict'

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

/** Longer user agents are cut: they are chosen by the client. */
const MAX_AGENT_LENGTH = 256

/**
 * Names of browsers in user agents, the more particular ones first. Each pattern looks at a text
 * once: one with two open repetitions would take the square of its length.
 *
 * @type {[name: string, pattern: RegExp][]}
 */
const BROWSERS = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/(\d+)/],
  ['Opera', /\bOPR\/(\d+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /\b(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/],
  ['Safari', /\bVersion\/(\d+)/],
  ['Node', /\bnode(?:\.js)?\/?v?(\d+)?/i],
]

/** The client at the other end of a connection, for statistics and logs. */
class ClientInfo {
  /**
   * @param {IncomingMessage} request
   * @param {number} now Milliseconds since 1970.
   */
  constructor({ headers, socket }, now) {
    /** From 1, in the order in which the server's clients came. */
    this.number = 0
    this.since = now
    this.agent = agentOf(headers)
    this.socket = socket
    /** @type {string | undefined} A name in `constants.disconnectReasons`. */
    this.disconnectReason = undefined
    /** @type {string | undefined} The code of its breach of the protocol. */
    this.errorCode = undefined
    this.wasWarnedOf = false
  }

  /** Its IP address; empty for a socket that has none. Node keeps it for when the socket is gone. */
  get address() {
    return addressOf(this.socket)
  }

  /** For people: `10.0.0.3, Firefox 151`. */
  toString() {
    return [this.address || 'a local socket', nameOf(this.agent)].filter(Boolean).join(', ')
  }
}

/** @param {{ remoteAddress?: string }} socket */
function addressOf({ remoteAddress = '' }) {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '')
}

/**
 * The beginning of a user agent.
 *
 * @param {IncomingMessage['headers']} headers
 */
function agentOf(headers) {
  return (headers['user-agent'] ?? '').slice(0, MAX_AGENT_LENGTH)
}

/**
 * @param {string} agent The beginning of a user agent, see {@link agentOf}.
 * @returns {string} Such as `Firefox 151`; empty for one that says nothing known.
 */
function nameOf(agent) {
  for (const [name, pattern] of BROWSERS) {
    // Chrome and others name themselves after this in the same place.
    if (name === 'Safari' && !agent.includes('Safari/')) continue
    const match = pattern.exec(agent)
    if (match) return [name, match[1]].filter(Boolean).join(' ')
  }
  return ''
}

module.exports = { addressOf, agentOf, nameOf, ClientInfo }
