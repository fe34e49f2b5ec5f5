'use strict'

const { performance } = require('node:perf_hooks')
const { loadBinary } = require('../native/binary.js')
const { finishAtExit, forgetAtExit } = require('./flush-on-exit.js')
const { takeOver } = require('./adopt.js')
const { Turn } = require('./send-batch.js')

/** @typedef {import('../native/native.js').NativeServer} NativeServer */
/** @typedef {import('../native/native.js').ServerOptions} ServerOptions */
/** @typedef {import('./adopt.js').NodeSocket} NodeSocket */

/** Events taken from the addon at once. */
const BATCH = 512
/** Milliseconds of dispatching before the event loop turns. */
const BUDGET_MS = 5
/** Milliseconds that an end may wait for what is under way. */
const FINISH_MS = 100
/** In a head, what belongs to no connection: their numbers begin at 1. */
const NOBODY = 0
/** What a connection is multiplied by in the heads of a batch. */
const KINDS = 32

/** `EventKind` of the binding. */
const Kind = Object.freeze({
  Text: 0,
  Binary: 1,
  Payload: 2,
  LongPayload: 3,
  Ping: 4,
  Pong: 5,
  Closing: 6,
  Error: 7,
  Sent: 8,
  Dropped: 9,
  Overflow: 10,
  Closed: 11,
  Write: 12,
  End: 13,
  Resume: 14,
  Recovered: 15,
  GivenUp: 16,
  Pinged: 17,
  Ponged: 18,
  ObservedText: 19,
  ObservedBinary: 20,
})

/** `Wants` of the core: which events of a connection the addon reports. */
const Wants = Object.freeze({
  Nothing: 0,
  Messages: 1,
  Pings: 2,
  Pongs: 4,
  Events: 8,
  Everything: 15,
})

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
   * @param {import('./adopt.js').Takeover} takeover
   * @param {Turn} turn
   */
  constructor(native, socket, protocol, takeover, turn) {
    this.native = native
    this.socket = socket
    this.protocol = protocol
    this.id = takeover.id
    this.transport = takeover.transport
    /** @type {import('../ws/websocket.js') | undefined} What plugins see of it, once one has looked. */
    this.webSocket = undefined
    /** @type {Owner | undefined} */
    this.owner = undefined
    /** @type {import('../reconnect/sessions.js').Page | undefined} The page that may come back. */
    this.page = undefined
    this.turn = turn
    /** @type {import('../diagnostics/client-info.js').Visitor | undefined} */
    this.visitor = undefined
  }
}

/**
 * What a server does about its connections' events.
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
 * The connections of one server, and the pump that brings their events to JavaScript.
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
    this.pump = this.pump.bind(this)
    this.native = new NativeServer(options, this.pump)
    this.turn = new Turn(this.native, options.highWaterMark)
    this.listener = listener
    /** @type {Map<number, Connection<Owner>>} All that have not ended, in order of arrival. */
    this.open = new Map()
    /** @type {import('../native/native.js').EventBatch[]} Events that have been taken; the first is under way. */
    this.batches = []
    /** The place of its next event, and of the next payload in its text. */
    this.next = 0
    this.textAt = 0
    /** @type {(() => void) | undefined} */
    this.onEmpty = undefined
    this.isReleased = false
    this.isBridging = false
  }

  /**
   * @param {NodeSocket} socket Its 101 has been written.
   * @param {Uint8Array} head
   * @param {object} options
   * @param {string} options.protocol
   * @param {boolean} options.bridgeOnly
   * @param {boolean} options.isTracked
   * @param {number} options.wants
   * @param {number} [options.page] The page that may come back on another connection.
   * @returns {Connection<Owner>} It reads nothing until {@link start}.
   */
  add(socket, head, options) {
    const takeover = takeOver(this.native, socket, head, options)
    this.isBridging ||= takeover.transport === 'bridged'
    const { native, turn } = this
    /** @type {Connection<Owner>} */
    const connection = new Connection(native, socket, options.protocol, takeover, turn)
    if (this.open.size === 0) {
      this.native.hold(true)
      finishAtExit(this)
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
    this.turn.note(text.length)
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
    this.turn.note(text.length)
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
    if (this.isBridging) this.finish()
    return new Promise((resolve) => {
      const done = () => {
        this.isReleased = true
        this.native.release()
        resolve()
      }
      if (this.open.size === 0) done()
      else this.onEmpty = done
    })
  }

  /**
   * Sees to it that what has been sent is written now, as `ws` has it from the start: the process
   * exits, or the sockets are about to be destroyed.
   */
  finish() {
    this.native.drain(FINISH_MS)
    for (;;) {
      const batch = this.native.takeEvents(BATCH)
      if (!batch) break
      this.batches.push(batch)
    }
    for (const { heads, values } of this.batches) {
      for (const [at, value] of values.entries()) {
        const kind = heads[2 * at] % KINDS
        const connection = this.open.get((heads[2 * at] - kind) / KINDS)
        if (!connection || kind !== Kind.Write) continue
        this.write(connection, /** @type {Buffer} */ (value))
        heads[2 * at] = NOBODY
      }
    }
  }

  /**
   * Takes events from the addon and dispatches them, for a moment at a time: a flood must not keep
   * the event loop from turning. A listener's error loses none of the rest.
   */
  pump() {
    let isDone = false
    try {
      isDone = this.dispatchSome()
    } finally {
      if (!isDone && !this.isReleased) setImmediate(this.pump)
    }
  }

  /** @returns {boolean} Whether the addon has no more events. */
  dispatchSome() {
    const end = performance.now() + BUDGET_MS
    for (;;) {
      const batch = this.batches[0] ?? this.native.takeEvents(BATCH)
      if (!batch) return true
      this.batches[0] = batch
      while (2 * this.next < batch.heads.length) {
        this.dispatchNext(batch)
        if (this.isReleased) return true
        if (performance.now() > end) return false
      }
      this.batches.shift()
      this.next = 0
      this.textAt = 0
    }
  }

  /** @param {import('../native/native.js').EventBatch} batch */
  dispatchNext({ heads, text, values }) {
    const at = this.next
    this.next += 1
    const number = heads[2 * at + 1]
    const kind = heads[2 * at] % KINDS
    let value = values[at]
    if (kind === Kind.Payload) {
      value = text.slice(this.textAt, this.textAt + number)
      this.textAt += number
    }
    const connection = this.open.get((heads[2 * at] - kind) / KINDS)
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
    switch (kind) {
      case Kind.Text:
      case Kind.Binary:
      case Kind.Payload:
      case Kind.LongPayload:
        return listener.onMessage(connection, value, kind === Kind.Binary)
      case Kind.Ping:
        return connection.webSocket?._onPing(value)
      case Kind.Pong:
        return connection.webSocket?._onPong(value)
      case Kind.Closing:
        return connection.webSocket?._onClosing(number, value)
      case Kind.Error:
        return listener.onError(connection, protocolError(value))
      case Kind.Sent:
        return connection.webSocket?._onSent(number)
      case Kind.Dropped:
      case Kind.Overflow:
        return listener.onDropped(connection, number, kind === Kind.Overflow)
      case Kind.Write:
        return this.write(connection, value)
      case Kind.End:
        return connection.socket.end()
      case Kind.Resume:
        return connection.socket.resume()
      case Kind.Closed:
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

module.exports = { Connection, Connections, Kind, Wants }
