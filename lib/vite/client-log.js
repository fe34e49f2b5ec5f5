'use strict'

const { limitLines } = require('../diagnostics/log-limit.js')
const { red } = require('../logger.js')

/** @typedef {import('./clients.js').Connection} Connection */

/** What Vite's log has of the clients of one server. */
class ClientLog {
  /** @param {import('../logger.js').Logger} logger */
  constructor(logger) {
    this.logger = logger
    this.limitFailures = limitLines((line) => logger.error(line))
    this.limitErrors = limitLines((line) => logger.error(line))
  }

  /**
   * A client does not read, and has lost messages, or is closed for it.
   *
   * @param {Connection} connection
   * @param {number} frames
   * @param {boolean} isClosing
   */
  dropped(connection, frames, isClosing) {
    const { clientInfo } = connection
    // The log that says that it lost messages says that it loses its connection.
    if (clientInfo?.wasWarnedOf && !isClosing) return
    if (clientInfo) clientInfo.wasWarnedOf = true
    const outcome = isClosing
      ? 'it is closed with 1013'
      : 'it will be told to reload when it reads again'
    this.logger.warn(
      `vite-native-ws: client ${addressOf(connection)} does not read; ` +
        `${frames} messages were not sent and ${outcome}. This is said once for a client; ` +
        '`server.ws.stats().droppedMessages` counts on.',
    )
  }

  /**
   * A listener of Vite's own failed on what a client sent.
   *
   * @param {string} event
   * @param {unknown} error
   * @param {() => Connection | undefined} find Whose message it was; asked only for what is logged.
   */
  listenerFailure(event, error, find) {
    this.limitFailures(() => {
      const from = find()
      const { stack } = /** @type {Error} */ (error)
      const address = from ? addressOf(from) : 'a client that has left'
      const what = `ws error: listener of "${event}" failed on a message from ${address}`
      this.logger.error(`${red(what)}\n${stack}`)
    })
  }

  /** @param {Error} error */
  socketError(error) {
    this.limitErrors(() => {
      this.logger.error(`${red('ws error:')}\n${error.stack}`, { timestamp: true, error })
    })
  }
}

/** @param {Connection} connection */
function addressOf({ socket }) {
  const { remoteAddress, remotePort } = /** @type {import('node:net').Socket} */ (socket)
  return `${remoteAddress}:${remotePort}`
}

module.exports = { ClientLog }
