'use strict'

const { loadBinary } = require('../native/binary.js')
const constants = require('../native/constants.js')
const { EventReader } = require('../native/events.js')
const { flushAtExit, forgetAtExit } = require('./flush-on-exit.js')
const { adoptOrBridge } = require('./adopt.js')
const { Bridge } = require('./bridge.js')
const { Connection } = require('./connection.js')
const { protocolError } = require('./protocol-error.js')

/** @typedef {import('../native/native.js').NativeServer} NativeServer */
/** @typedef {import('../native/native.js').ServerOptions} ServerOptions */
/** @typedef {import('./adopt.js').NodeSocket} NodeSocket */

/**
 * Milliseconds that the exit of the process may wait for what is under way: far more than our threads
 * need, unless the machine is too busy to let them run.
 */
const FLUSH_MS = 1000

/**
 * Handlers of the events of a server's connections.
 *
 * @template [Owner=unknown]
 * @typedef {object} Listener
 * @property {(connection: Connection<Owner>, data: Buffer | string, isBinary: boolean) => void} onMessage
 *   A string is a message of Vite's protocol that no raw listener asked for.
 * @property {(connection: Connection<Owner>, error: Error & { code: string }) => void} onError
 * @property {(connection: Connection<Owner>, code: number, reason: Buffer) => void} onClosed
 * @property {(connection: Connection<Owner>, frames: number, isClosing: boolean) => void} onDropped
 * @property {(connection: Connection<Owner>, kind: unknown, number: number, value: any) => void} [onEvent]
 *   All else.
 */

/**
 * The connections of one server.
 *
 * @template [Owner=unknown]
 */
class Connections {
  /**
   * @param {ServerOptions} options
   * @param {Listener<Owner>} listener
   */
  constructor(options, listener) {
    const { NativeServer } = loadBinary()
    this.reader = new EventReader(
      (...event) => this.onEvent(...event),
      () => this.bridge?.carry(),
    )
    this.native = new NativeServer(options, this.reader.read)
    this.reader.native = this.native
    this.listener = listener
    this.closeTimeout = options.closeTimeout
    /** @type {Map<number, Connection<Owner>>} All that have not ended, in order of arrival. */
    this.open = new Map()
    /** Those that keep the process alive. */
    this.referenced = 0
    /** @type {(() => void) | undefined} */
    this.onEmpty = undefined
    /** @type {Bridge | undefined} Once there has been a connection over it. */
    this.bridge = undefined
    /** From the `exit` of the process on nothing is left for later. */
    this.isExiting = false
  }

  /**
   * Takes a socket and answers its handshake.
   *
   * @param {NodeSocket} socket
   * @param {Uint8Array} head
   * @param {import('./adopt.js').Answer & { protocol: string }} answer
   * @param {import('./adopt.js').AdoptOptions} options
   * @returns {Connection<Owner>} It reads nothing until {@link start}.
   * @throws {Error} A shortage, see `shortage.js`. The client can be refused.
   */
  add(socket, head, answer, options) {
    const accepted = adoptOrBridge(this.native, socket, answer, head, options)
    /** @type {Connection<Owner>} */
    const connection = new Connection(this, socket, answer.protocol, accepted)
    if (this.open.size === 0) flushAtExit(this)
    this.open.set(connection.id, connection)
    if (connection.transport === 'bridged') {
      this.bridge ??= new Bridge(this)
      this.bridge.add(connection)
    }
    // A Duplex without a handle keeps no process alive, with `ws` either.
    const handle = /** @type {any} */ (socket)._handle
    connection.isReferenced = Boolean(handle) && handle.hasRef?.() !== false
    if (connection.isReferenced) this.hold(1)
    return connection
  }

  /** @param {1 | -1} change One connection more, or less, keeps the process alive. */
  hold(change) {
    const before = this.referenced
    this.referenced += change
    if ((before === 0) !== (this.referenced === 0)) this.native.hold(before === 0)
  }

  /**
   * Sends a payload of Vite's protocol to every tracked client.
   *
   * @param {string} text
   * @param {boolean} isReplayed Whether pages that missed it get it when they come back.
   * @param {import('../native/native.js').NativeDelivery} [delivery] Records its receivers.
   */
  broadcast(text, isReplayed, delivery) {
    const { bridge } = this
    if (bridge && bridge.size > 0) bridge.broadcast(text, isReplayed, delivery)
    else this.native.broadcast(text, isReplayed, delivery)
    if (this.isExiting) this.flush()
  }

  /**
   * Sends a payload of Vite's protocol to one client that cannot come back.
   *
   * @param {Connection<Owner>} connection
   * @param {string} text
   * @param {import('../native/native.js').NativeDelivery} [delivery] Records its receivers.
   */
  sendPayload(connection, text, delivery) {
    this.native.sendPayload(connection.id, text, delivery)
    connection.onSent(text.length)
  }

  /**
   * Sends a payload of Vite's protocol to a page that may come back, or keeps it until then.
   *
   * @param {Connection<Owner>} connection The newest one of the page.
   * @param {number} session
   * @param {string} text
   * @param {boolean} isReplayed Whether the page, if it missed it, gets it when it comes back.
   * @param {import('../native/native.js').NativeDelivery} [delivery] Records its receivers.
   */
  sendToSession(connection, session, text, isReplayed, delivery) {
    this.native.sendToSession(session, text, isReplayed, delivery)
    if (!connection.closed) connection.onSent(text.length)
  }

  /** Something other than a message has been ordered. */
  onOrdered() {
    this.bridge?.carry()
    if (this.isExiting) this.flush()
  }

  /**
   * Begins to read from a connection.
   *
   * @param {Connection<Owner>} connection
   * @param {boolean} [isWelcome] Whether it is sent `connected` before.
   */
  start(connection, isWelcome = false) {
    this.native.start(connection.id, isWelcome)
    this.onOrdered()
  }

  /**
   * Ends all connections without a close frame and takes no more; resolves when all have been
   * reported as closed. Then nothing of this server keeps the process alive.
   *
   * @returns {Promise<void>}
   */
  close() {
    this.native.closeAll()
    for (const connection of this.open.values()) {
      connection.isClosing = true
      connection.webSocket?._onTerminated()
    }
    this.onOrdered()
    return new Promise((resolve) => {
      const done = () => {
        this.reader.stop()
        this.native.release()
        resolve()
      }
      if (this.open.size === 0) done()
      else this.onEmpty = done
    })
  }

  /**
   * The process exits. What has been sent is written now, as `ws` has it from the start, and so is
   * what `exit` listeners send.
   */
  flush() {
    this.isExiting = true
    this.bridge?.carryAtExit()
    this.native.drain(FLUSH_MS)
  }

  /**
   * @param {number} id
   * @param {number} kind
   * @param {number} number
   * @param {any} value
   */
  onEvent(id, kind, number, value) {
    const connection = this.open.get(id)
    if (connection) this.dispatch(connection, kind, number, value)
  }

  /**
   * @param {Connection<Owner>} connection
   * @param {unknown} kind
   * @param {number} number
   * @param {any} value
   */
  dispatch(connection, kind, number, value) {
    const { listener } = this
    const { EventKind } = constants
    switch (kind) {
      case EventKind.Text:
      case EventKind.Binary:
      case EventKind.Payload:
      case EventKind.LongPayload:
        return listener.onMessage(connection, value, kind === EventKind.Binary)
      case EventKind.Ping:
        return connection.webSocket?._onPing(value)
      case EventKind.Pong:
        return connection.webSocket?._onPong(value)
      case EventKind.CloseFrame:
        connection.onClosing()
        connection.closeFrame = { code: number, reason: value }
        return connection.webSocket?._onClosing(number, value)
      case EventKind.ProtocolError:
        connection.onClosing()
        return listener.onError(connection, protocolError(value))
      case EventKind.Sent:
        return connection.webSocket?._onSent(number)
      case EventKind.Dropped:
        return listener.onDropped(connection, number, false)
      case EventKind.Overflow:
        connection.onClosing()
        connection.webSocket?._onOverflow()
        return listener.onDropped(connection, number, true)
      case EventKind.Closed:
        return this.onClosed(connection, number, value)
      default:
        return listener.onEvent?.(connection, kind, number, value)
    }
  }

  /**
   * @param {Connection<Owner>} connection
   * @param {number} code
   * @param {Buffer} reason
   */
  onClosed(connection, code, reason) {
    this.open.delete(connection.id)
    connection.closed = { code, reason }
    if (connection.transport === 'bridged') this.bridge?.remove()
    if (connection.isReferenced) this.hold(-1)
    connection.drainWatch?.stop()
    connection.endDeadline?.()
    connection.socket.destroy()
    try {
      this.listener.onClosed(connection, code, reason)
    } finally {
      if (this.open.size === 0) {
        forgetAtExit(this)
        this.onEmpty?.()
      }
    }
  }
}

module.exports = { Connections }
