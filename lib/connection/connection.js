'use strict'

const { Row } = require('./bridge.js')
const { watchCloseDeadline } = require('./close-deadline.js')

/**
 * One live connection: its number in the addon, and the Node socket that stands for it.
 *
 * @template [Owner=unknown]
 */
class Connection {
  /**
   * @param {import('./connections.js').Connections<Owner>} connections
   * @param {import('./adopt.js').NodeSocket} socket
   * @param {string} protocol
   * @param {import('./adopt.js').NativeConnection} accepted
   */
  constructor(connections, socket, protocol, accepted) {
    this.connections = connections
    this.native = connections.native
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
    /** @type {import('../diagnostics/client-info.js').ClientInfo | undefined} */
    this.clientInfo = undefined
    /** Whether its end has begun, on either side. */
    this.isClosing = false
    /** @type {(() => void) | undefined} Ends the watch over the close handshake. */
    this.endDeadline = undefined
    /** @type {{ code: number, reason: Buffer } | undefined} What the peer's close frame said. */
    this.closeFrame = undefined
    /** @type {{ code: number, reason: Buffer } | undefined} How it ended. */
    this.closed = undefined
    /** @type {Row | undefined} The last sends, over the bridge. */
    this.row = undefined
    /** Reasons to hold the answer to the peer's close frame back. */
    this.answerHolds = 0
    /** Whether it keeps the process alive, as its socket says. */
    this.isReferenced = false
    /** @type {{ start(): void, stop(): void } | undefined} Once somebody has waited for `drain`. */
    this.drainWatch = undefined
  }

  /** Bytes that have passed over it, either way. */
  get bytesPassed() {
    return this.native.bytesPassed(this.id)
  }

  /** Bytes that have been sent and not written. */
  get bufferedAmount() {
    return this.native.bufferedAmount(this.id) + this.unwrittenBytes
  }

  /** Those among them that a stream of Node's has been given. */
  get unwrittenBytes() {
    return this.transport === 'bridged' ? this.socket.writableLength : 0
  }

  /**
   * Sends one frame.
   *
   * @param {number} opcode
   * @param {boolean} fin
   * @param {string | Uint8Array} payload
   * @param {number} [token] Reported when the frame has been written.
   * @returns {boolean} False if the connection has ended.
   */
  send(opcode, fin, payload, token) {
    const isOpen = this.native.send(this.id, opcode, fin, payload, token)
    this.onSent(payload.length)
    return isOpen
  }

  /**
   * Something has been sent to this client alone.
   *
   * @param {number} length
   */
  onSent(length) {
    if (this.transport === 'bridged') {
      this.row ??= new Row()
      this.connections.bridge?.onSent(this.row, length)
    } else if (this.connections.isExiting) this.connections.flush()
    this.drainWatch?.start()
  }

  /** A message without a number came too late for this connection: its page has missed it. */
  onMissed() {
    this.session?.onMissedRaw(this)
  }

  /**
   * Starts the close handshake.
   *
   * @param {number | undefined} code
   * @param {Uint8Array} reason
   */
  close(code, reason) {
    this.onClosing()
    this.native.close(this.id, code, reason)
    this.connections.onOrdered()
  }

  /**
   * Ends it behind what has been sent.
   *
   * @param {boolean} isAnswered Whether the close frame that is due, if one is, goes before that.
   */
  end(isAnswered) {
    this.onClosing()
    this.native.end(this.id, isAnswered)
    this.connections.onOrdered()
  }

  /**
   * What is held back here comes before the answer to the peer's close frame.
   *
   * @param {1 | -1} change One reason more, or less.
   */
  holdAnswer(change) {
    const before = this.answerHolds
    this.answerHolds += change
    if ((before === 0) === (this.answerHolds === 0)) return
    this.native.holdAnswer(this.id, before === 0)
    if (before !== 0) this.connections.onOrdered()
  }

  /** Its end has begun. */
  onClosing() {
    this.isClosing = true
    this.endDeadline ??= watchCloseDeadline(this, this.connections.closeTimeout)
  }

  /** Ends it without a close frame. */
  terminate() {
    this.isClosing = true
    this.native.terminate(this.id)
    this.connections.onOrdered()
  }

  /**
   * Stops or resumes reading.
   *
   * @param {boolean} isPaused
   */
  setPaused(isPaused) {
    this.native.setPaused(this.id, isPaused)
    this.connections.onOrdered()
  }
}

module.exports = { Connection }
