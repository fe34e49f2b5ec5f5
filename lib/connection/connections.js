'use strict'

const { loadBinary } = require('../native/binary.js')
const constants = require('../native/constants.js')
const { EventReader } = require('../native/events.js')
const { flushAtExit, forgetAtExit } = require('./flush-on-exit.js')
const { adoptOrBridge } = require('./adopt.js')
const { SendBatch } = require('./send-batch.js')

/** @typedef {import('../native/native.js').NativeServer} NativeServer */
/** @typedef {import('../native/native.js').ServerOptions} ServerOptions */
/** @typedef {import('./adopt.js').NodeSocket} NodeSocket */

/** Milliseconds that an end may wait for what is under way. */
const FLUSH_MS = 100

/**
 * One live connection: its number in the addon, and the Node socket that stands for it.
 *
 * @template [Owner=unknown]
 */
class Connection {
  /**
   * @param {NativeServer} native
   * @param {NodeSocket} socket
   * @param {string} protocol
   * @param {import('./adopt.js').NativeConnection} accepted
   * @param {SendBatch} sendBatch
   */
  constructor(native, socket, protocol, accepted, sendBatch) {
    this.native = native
    this.socket = socket
    this.protocol = protocol
    this.id = accepted.id
    this.transport = accepted.transport
    /** @type {import('../ws/websocket.js') | undefined} What plugins see of it, once one has looked. */
    this.webSocket = undefined
    /** @type {Owner | undefined} */
    this.owner = undefined
    /** @type {import('../reconnect/sessions.js').Session | undefined} The page that may come back. */
    this.session = undefined
    this.sendBatch = sendBatch
    /** @type {import('../diagnostics/client-info.js').ClientInfo | undefined} */
    this.clientInfo = undefined
  }
}

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
    this.reader = new EventReader((...event) => this.onEvent(...event))
    this.native = new NativeServer(options, this.reader.read)
    this.reader.native = this.native
    this.sendBatch = new SendBatch(this.native, options.highWaterMark)
    this.listener = listener
    /** @type {Map<number, Connection<Owner>>} All that have not ended, in order of arrival. */
    this.open = new Map()
    /** @type {(() => void) | undefined} */
    this.onEmpty = undefined
    this.isBridging = false
  }

  /**
   * @param {NodeSocket} socket Its 101 has been written.
   * @param {Uint8Array} head
   * @param {object} options
   * @param {string} options.protocol
   * @param {boolean} options.bridgeOnly
   * @param {boolean} options.isTracked
   * @param {number} options.subscriptions
   * @param {number} [options.session] The page that may come back on another connection.
   * @returns {Connection<Owner>} It reads nothing until {@link start}.
   */
  add(socket, head, options) {
    const accepted = adoptOrBridge(this.native, socket, head, options)
    this.isBridging ||= accepted.transport === 'bridged'
    const { native, sendBatch } = this
    /** @type {Connection<Owner>} */
    const connection = new Connection(native, socket, options.protocol, accepted, sendBatch)
    if (this.open.size === 0) {
      this.native.hold(true)
      flushAtExit(this)
    }
    this.open.set(connection.id, connection)
    return connection
  }

  /**
   * Sends a payload of Vite's protocol to every tracked client.
   *
   * @param {string} text
   * @param {boolean} isReplayed Whether pages that missed it get it when they come back.
   * @param {import('../native/native.js').NativeDelivery} [delivery] Notes who gets it.
   */
  broadcast(text, isReplayed, delivery) {
    this.sendBatch.note(text.length)
    this.native.broadcast(text, isReplayed, delivery)
  }

  /**
   * Sends a payload of Vite's protocol to one client.
   *
   * @param {number} id
   * @param {string} text
   * @param {boolean} isReplayed Whether its page, if it missed it, gets it when it comes back.
   * @param {import('../native/native.js').NativeDelivery} [delivery] Notes who gets it.
   */
  sendPayload(id, text, isReplayed, delivery) {
    this.sendBatch.note(text.length)
    this.native.sendPayload(id, text, isReplayed, delivery)
  }

  /** @param {Connection<Owner>} connection */
  start(connection) {
    this.native.start(connection.id)
  }

  /**
   * Ends all connections without a close frame and takes no more; resolves when all have been
   * reported as closed. Then nothing of this server keeps the process alive.
   *
   * @returns {Promise<void>}
   */
  close() {
    this.native.closeAll()
    // Whose bytes JavaScript carries would lose them if its socket is destroyed next, as Vite does.
    if (this.isBridging) this.flush()
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
   * Writes now what has been sent, as `ws` has it from the start: the process exits, or the sockets
   * are about to be destroyed.
   */
  flush() {
    this.native.drain(FLUSH_MS)
    this.reader.takeAll(constants.EventKind.Write, (id, data) => {
      const connection = this.open.get(id)
      if (connection) this.write(connection, data)
    })
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
        return connection.webSocket?._onClosing(number, value)
      case EventKind.ProtocolError:
        return listener.onError(connection, protocolError(value))
      case EventKind.Sent:
        return connection.webSocket?._onSent(number)
      case EventKind.Dropped:
      case EventKind.Overflow:
        return listener.onDropped(connection, number, kind === EventKind.Overflow)
      case EventKind.Write:
        return this.write(connection, value)
      case EventKind.End:
        return connection.socket.end()
      case EventKind.Resume:
        return connection.socket.resume()
      case EventKind.Closed:
        return this.onClosed(connection, number, value)
      default:
        return listener.onEvent?.(connection, kind, number, value)
    }
  }

  /**
   * @param {Connection<Owner>} connection
   * @param {Buffer} data
   */
  write({ id, socket }, data) {
    socket.write(data, () => this.native.onWritten(id, data.length))
  }

  /**
   * @param {Connection<Owner>} connection
   * @param {number} code
   * @param {Buffer} reason
   */
  onClosed(connection, code, reason) {
    this.open.delete(connection.id)
    connection.socket.destroy()
    try {
      this.listener.onClosed(connection, code, reason)
    } finally {
      if (this.open.size === 0) {
        this.native.hold(false)
        forgetAtExit(this)
        this.onEmpty?.()
      }
    }
  }
}

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

module.exports = { Connection, Connections }
