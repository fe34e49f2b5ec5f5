'use strict'

const { performance } = require('node:perf_hooks')
const { loadBinary } = require('./binary.js')
const { takeOver } = require('./takeover.js')
const { Turn } = require('./turn.js')

/** @typedef {import('./native.js').NativeServer} NativeServer */
/** @typedef {import('./native.js').ServerOptions} ServerOptions */
/** @typedef {import('./takeover.js').NodeSocket} NodeSocket */

/** Events taken from the addon at once. */
const BATCH = 512
/** Milliseconds of dispatching before the event loop turns. */
const BUDGET_MS = 5
/** Of the events in a batch: `32 × connection + kind`, and two values. */
const STRIDE = 3
const KINDS = 32

/** `EventKind` of the binding. */
const Kind = Object.freeze({
  Text: 0,
  Binary: 1,
  Payload: 2,
  Ping: 3,
  Pong: 4,
  Closing: 5,
  Error: 6,
  Sent: 7,
  Dropped: 8,
  Closed: 9,
  Write: 10,
  End: 11,
  Resume: 12,
  Recovered: 13,
  GivenUp: 14,
  Pinged: 15,
  Ponged: 16,
  ObservedText: 17,
  ObservedBinary: 18,
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
   * @param {import('./takeover.js').Takeover} takeover
   * @param {Turn} turn
   */
  constructor(native, socket, protocol, takeover, turn) {
    this.native = native
    this.socket = socket
    this.protocol = protocol
    this.id = takeover.id
    this.transport = takeover.transport
    /** @type {import('./websocket.js') | undefined} What plugins see of it, once one has looked. */
    this.webSocket = undefined
    /** @type {Owner | undefined} */
    this.owner = undefined
    /** @type {import('./resumption.js').Page | undefined} The page that may come back. */
    this.page = undefined
    this.turn = turn
    /** @type {import('./visitor.js').Visitor | undefined} */
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
 * @property {(connection: Connection<Owner>, kind: unknown, a: any, b: any) => void} [onEvent] All else.
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
    /** @type {any[]} The batch under way, and the place of its next event. */
    this.batch = []
    this.next = 0
    /** @type {(() => void) | undefined} */
    this.onEmpty = undefined
    this.isReleased = false
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
    const { native, turn } = this
    /** @type {Connection<Owner>} */
    const connection = new Connection(native, socket, options.protocol, takeover, turn)
    if (this.open.size === 0) this.native.hold(true)
    this.open.set(connection.id, connection)
    return connection
  }

  /**
   * Sends a payload of Vite's protocol to every tracked client.
   *
   * @param {string} text
   * @param {boolean} isReplayed Whether pages that missed it get it when they come back.
   * @param {import('./native.js').NativeDelivery} [delivery] Notes who gets it.
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
   * @param {import('./native.js').NativeDelivery} [delivery] Notes who gets it.
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
      if (this.next >= this.batch.length) {
        this.next = 0
        this.batch = this.native.takeEvents(BATCH)
        if (this.batch.length === 0) return true
      }
      const { batch } = this
      while (this.next < batch.length) {
        const at = this.next
        this.next += STRIDE
        const kind = batch[at] % KINDS
        const connection = this.open.get((batch[at] - kind) / KINDS)
        if (connection) this.dispatch(connection, kind, batch[at + 1], batch[at + 2])
        if (this.isReleased) return true
        if (performance.now() > end) return false
      }
    }
  }

  /**
   * @param {Connection<Owner>} connection
   * @param {unknown} kind
   * @param {any} a
   * @param {any} b
   */
  dispatch(connection, kind, a, b) {
    const { listener } = this
    switch (kind) {
      case Kind.Text:
      case Kind.Binary:
      case Kind.Payload:
        return listener.onMessage(connection, a, kind === Kind.Binary)
      case Kind.Ping:
        return connection.webSocket?._onPing(a)
      case Kind.Pong:
        return connection.webSocket?._onPong(a)
      case Kind.Closing:
        return connection.webSocket?._onClosing(a, b)
      case Kind.Error:
        return listener.onError(connection, protocolError(a, b))
      case Kind.Sent:
        return connection.webSocket?._onSent(a)
      case Kind.Dropped:
        return listener.onDropped(connection, a, b)
      case Kind.Write:
        return this.write(connection, a)
      case Kind.End:
        return connection.socket.end()
      case Kind.Resume:
        return connection.socket.resume()
      case Kind.Closed:
        return this.onClosed(connection, a, b)
      default:
        return listener.onEvent?.(connection, kind, a, b)
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
        this.onEmpty?.()
      }
    }
  }
}

/**
 * The error that `ws` emits for a breach of the protocol.
 *
 * @param {string} code
 * @param {string} message
 */
function protocolError(code, message) {
  const Constructor = code === 'WS_ERR_INVALID_UTF8' ? Error : RangeError
  return Object.assign(new Constructor(message), { code })
}

module.exports = { Connection, Connections, Kind, Wants }
