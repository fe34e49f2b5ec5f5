'use strict'

const constants = require('../native/constants.js')
const { standIn } = require('../connection/stand-in.js')
const { makeGettersEnumerable } = require('./enumerable.js')
const { addEventTarget } = require('./event-target.js')
const { ReceiveQueue } = require('./receive-queue.js')
const { ListenerAwareEmitter } = require('./listener-aware-emitter.js')
const { EMPTY, toBinaryType, toCloseReason } = require('./message-data.js')
const { addReadyStates, CLOSED, CLOSING, CONNECTING, OPEN } = require('./ready-state.js')
const { Sender } = require('./sender.js')
const { needsSubscription, subscriptionsOf } = require('./subscriptions.js')

/** @typedef {import('../connection/connection.js').Connection} Connection */
/** @typedef {import('./sender.js').SendCallback} SendCallback */

const BINARY_TYPES = ['nodebuffer', 'arraybuffer', 'fragments', 'blob']

/**
 * The server side of a connection with the interface of the `ws` package (8.23, `doc/ws.md`).
 *
 * Framing, pongs and the close handshake are done by the addon, on threads of its own.
 */
class WebSocket extends ListenerAwareEmitter {
  /**
   * @param {null} address Null, as `ws` has it for the server side; there is no client here.
   * @param {undefined} [_protocols]
   * @param {{ allowSynchronousEvents?: boolean }} [options]
   */
  constructor(address, _protocols, options) {
    super()
    if (address !== null) {
      throw Object.assign(
        new Error('vite-native-ws has no WebSocket client: use the global WebSocket or `ws`.'),
        { code: 'ERR_NATIVE_WS_NO_CLIENT' },
      )
    }
    /** @type {Connection | undefined} */
    this._connection = undefined
    /** @type {Sender | undefined} */
    this._sender = undefined
    /** @type {ReceiveQueue | undefined} What has arrived and is not to be heard yet. */
    this._receiveQueue = undefined
    /** @type {import('node:stream').Duplex | null} */
    this._socket = null
    this._readyState = CONNECTING
    this._binaryType = BINARY_TYPES[0]
    this._isSpaced = options?.allowSynchronousEvents === false
    this._isPaused = false
    this._subscriptions = 0
    this._reportedSubscriptions = 0
    this._protocol = ''
    this._closeFrameSent = false
    this._closeFrameReceived = false
    this._closeCode = 1006
    /** @type {Buffer} */
    this._closeMessage = EMPTY
    this._isErrorEmitted = false
  }

  /**
   * Binds this object to a live connection.
   *
   * @param {Connection} connection
   * @param {number} subscriptions Events that the addon always reports of it.
   */
  _open(connection, subscriptions) {
    this._connection = connection
    this._sender = new Sender(connection, (error) => this._onSendError(error))
    this._socket = connection.socket
    standIn(connection)
    this._protocol = connection.protocol
    this._readyState = connection.isClosing ? CLOSING : OPEN
    this._subscriptions = subscriptions
    this._reportedSubscriptions = subscriptions
    if (this._isSpaced) this._openInbox()
    connection.webSocket = this
    if (connection.closeFrame) this._takeCloseFrame(connection.closeFrame)
    if (connection.closed) {
      this._closeCode = connection.closed.code
      this._closeMessage = connection.closed.reason
      this._readyState = CLOSED
      return
    }
    this._onListeners()
    this.emit('open')
  }

  get binaryType() {
    return this._binaryType
  }

  set binaryType(type) {
    if (BINARY_TYPES.includes(type)) this._binaryType = type
  }

  get bufferedAmount() {
    return this._sender?.bufferedAmount ?? 0
  }

  get extensions() {
    return ''
  }

  get isPaused() {
    return this._isPaused
  }

  get protocol() {
    return this._protocol
  }

  get readyState() {
    return this._readyState
  }

  /** @returns {string | undefined} Undefined on the server side, as in `ws`. */
  get url() {
    return undefined
  }

  /**
   * Starts the close handshake.
   *
   * @param {number} [code]
   * @param {string | Uint8Array} [reason] At most 123 bytes.
   */
  close(code, reason) {
    if (this._readyState !== OPEN) return
    const bytes = toCloseReason(code, reason)
    this._readyState = CLOSING
    this._closeFrameSent = true
    this._sender?.close(code, bytes)
  }

  /** Ends the connection at once, without a close frame. */
  terminate() {
    const connection = this._connection
    if (!connection || this._readyState === CLOSED) return
    this._onTerminated()
    // `ws` writes a close frame in answer before listeners hear of its cause; behind a Blob it waits.
    const isAnswered = this._isErrorEmitted || this._closeFrameReceived
    if (isAnswered && !this._sender?.reading) connection.end(true)
    connection.terminate()
  }

  /** The connection ends at once: by {@link terminate}, or since its server closes. */
  _onTerminated() {
    this._readyState = CLOSING
    this._sender?.abandon()
  }

  /** Nothing more is emitted until {@link resume}, and beyond a bound nothing more is read. */
  pause() {
    if (this._readyState === CONNECTING || this._readyState === CLOSED) return
    this._isPaused = true
    this._openInbox().pause()
  }

  resume() {
    if (this._readyState === CONNECTING || this._readyState === CLOSED) return
    this._isPaused = false
    this._receiveQueue?.resume()
  }

  _openInbox() {
    this._receiveQueue ??= new ReceiveQueue(this._isSpaced, this._connection)
    return this._receiveQueue
  }

  /**
   * @param {unknown} [data]
   * @param {boolean | SendCallback} [mask] Ignored: servers do not mask.
   * @param {SendCallback} [callback]
   */
  ping(data, mask, callback) {
    this._sendControl(constants.Opcode.Ping, data, mask, callback)
  }

  /**
   * @param {unknown} [data]
   * @param {boolean | SendCallback} [mask] Ignored: servers do not mask.
   * @param {SendCallback} [callback]
   */
  pong(data, mask, callback) {
    this._sendControl(constants.Opcode.Pong, data, mask, callback)
  }

  /**
   * @param {number} opcode
   * @param {any} data
   * @param {boolean | SendCallback} [mask]
   * @param {SendCallback} [callback]
   */
  _sendControl(opcode, data, mask, callback) {
    const sender = this._requireSender()
    if (typeof data === 'function') [data, callback] = [undefined, data]
    else if (typeof mask === 'function') callback = mask
    if (typeof data === 'number') data = String(data)
    if (this._readyState !== OPEN) return sender.discard(data, this._readyState, callback)
    sender.sendControl(opcode, data || EMPTY, callback)
  }

  /**
   * Sends a message, or a part of one.
   *
   * @param {any} data A string, a number, or binary of any kind, a Blob included.
   * @param {{ binary?: boolean, fin?: boolean } | SendCallback} [options] `compress` and `mask`
   *   are ignored: no extension is negotiated, and servers do not mask.
   * @param {SendCallback} [callback] Called when the frame has been written, or with an error.
   */
  send(data, options, callback) {
    const sender = this._requireSender()
    if (typeof options === 'function') [options, callback] = [{}, options]
    if (typeof data === 'number') data = String(data)
    if (this._readyState !== OPEN) {
      sender.connection.onMissed()
      return sender.discard(data, this._readyState, callback)
    }
    const isBinary = typeof data !== 'string'
    sender.send(data || EMPTY, { binary: isBinary, fin: true, ...options }, callback)
  }

  _requireSender() {
    if (!this._sender) throw new Error('WebSocket is not open: readyState 0 (CONNECTING)')
    return this._sender
  }

  /** @param {number} token */
  _onSent(token) {
    this._sender?.onSent(token)
  }

  /** @param {Error} error */
  _onSendError(error) {
    if (this._readyState === CLOSED) return
    this._readyState = CLOSING
    this._connection?.end(false)
    this._emitError(error)
  }

  /**
   * Lets something be heard now, or when its turn comes.
   *
   * @param {() => void} deliver
   */
  _receive(deliver) {
    if (this._receiveQueue) this._receiveQueue.add(deliver)
    else deliver()
  }

  /**
   * The turn of a message has come.
   *
   * @param {Buffer} data
   * @param {boolean} isBinary
   */
  _emitMessage(data, isBinary) {
    this.emit('message', isBinary ? toBinaryType(data, this._binaryType) : data, isBinary)
  }

  /** @param {Buffer} data */
  _onPing(data) {
    this._receive(() => this.emit('ping', data))
  }

  /** @param {Buffer} data */
  _onPong(data) {
    this._receive(() => this.emit('pong', data))
  }

  /** The peer does not read what it is sent; the addon closes the connection with 1013. */
  _onOverflow() {
    this._readyState = CLOSING
    this._closeFrameSent = true
  }

  /**
   * The peer broke the protocol; the addon closes it with the code.
   *
   * @param {Error} error
   */
  _onError(error) {
    this._receive(() => {
      this._readyState = CLOSING
      this._closeFrameSent = true
      this._emitError(error)
    })
  }

  /** @param {Error} error */
  _emitError(error) {
    if (this._isErrorEmitted) return
    this._isErrorEmitted = true
    this.emit('error', error)
  }

  /**
   * The peer's close frame has come; the addon answers it.
   *
   * @param {number} code
   * @param {Buffer} reason
   */
  _onClosing(code, reason) {
    this._receive(() => this._takeCloseFrame({ code, reason }))
  }

  /** @param {{ code: number, reason: Buffer }} frame It has been answered, or is about to be. */
  _takeCloseFrame({ code, reason }) {
    this._readyState = CLOSING
    this._closeFrameReceived = true
    this._closeFrameSent = true
    this._closeCode = code
    this._closeMessage = reason
  }

  /**
   * The connection is over, and everything of it has been heard or is now.
   *
   * @param {number} code
   * @param {Buffer} reason
   */
  _onClosed(code, reason) {
    const close = () => {
      try {
        this._setClosed(code, reason)
      } finally {
        this._emitClose()
      }
    }
    this._readyState = CLOSING
    if (this._isSpaced && this._receiveQueue) this._receiveQueue.end(close)
    else close()
  }

  /**
   * The first half of {@link _onClosed}, for a caller that has something to say in between.
   *
   * @param {number} code
   * @param {Buffer} reason
   */
  _setClosed(code, reason) {
    this._readyState = CLOSING
    try {
      this._receiveQueue?.flush()
    } finally {
      try {
        if (this._sender?.isCutShort) this._closeFrameSent = false
        this._sender?.fail()
      } finally {
        this._readyState = CLOSED
        this._closeCode = code
        this._closeMessage = reason
      }
    }
  }

  _emitClose() {
    this.emit('close', this._closeCode, this._closeMessage)
  }

  /**
   * Tells the addon which events somebody here listens for.
   *
   * @param {string | symbol} [event]
   */
  _onListeners(event) {
    const connection = this._connection
    if (!connection || (event !== undefined && !needsSubscription(event))) return
    const subscriptions = this._subscriptions | subscriptionsOf(this)
    if (subscriptions === this._reportedSubscriptions) return
    this._reportedSubscriptions = subscriptions
    connection.native.setSubscriptions(connection.id, subscriptions)
  }
}

addReadyStates(WebSocket)
makeGettersEnumerable(WebSocket.prototype)
addEventTarget(WebSocket.prototype)

module.exports = WebSocket
