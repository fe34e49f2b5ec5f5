'use strict'

const { EventEmitter } = require('node:events')
const { Blob } = require('node:buffer')
const { addEventTarget } = require('./event-target.js')
const {
  byteLength,
  checkClose,
  EMPTY,
  MAX_CONTROL_BYTES,
  toBytes,
  toPayload,
} = require('./payload.js')
const { Wants } = require('./connections.js')
const { READY_STATES, CONNECTING, OPEN, CLOSING, CLOSED } = require('./ready-state.js')

/** @typedef {import('./connections.js').Connection} Connection */
/** @typedef {(error?: Error) => void} SendCallback */

const BINARY_TYPES = ['nodebuffer', 'arraybuffer', 'fragments', 'blob']
const OPCODES = { continuation: 0x0, text: 0x1, binary: 0x2, ping: 0x9, pong: 0xa }

/** Which events of the addon an event name needs. */
const WANTED_BY_EVENT = new Map([
  ['message', Wants.Messages],
  ['ping', Wants.Pings],
  ['pong', Wants.Pongs],
])

/**
 * The server side of a connection with the interface of the `ws` package (8.23, `doc/ws.md`).
 *
 * Framing, pongs and the close handshake are done by the addon, on threads of its own.
 */
class WebSocket extends EventEmitter {
  /**
   * @param {null} address Null, as `ws` has it for the server side; there is no client here.
   * @param {undefined} [_protocols]
   * @param {object} [_options]
   */
  constructor(address, _protocols, _options) {
    super()
    if (address !== null) {
      throw Object.assign(
        new Error('vite-native-ws has no WebSocket client: use the global WebSocket or `ws`.'),
        { code: 'ERR_NATIVE_WS_NO_CLIENT' },
      )
    }
    /** @type {Connection | undefined} */
    this._connection = undefined
    /** @type {import('node:stream').Duplex | null} */
    this._socket = null
    this._readyState = CONNECTING
    this._binaryType = BINARY_TYPES[0]
    this._isPaused = false
    this._wants = 0
    this._protocol = ''
    /** @type {Map<number, SendCallback>} Callbacks of sends that have not been written. */
    this._callbacks = new Map()
    this._nextToken = 0
    /** Opcode of the fragmented message being sent. */
    this._isSendingFragments = false
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
   * @param {number} wants What the addon reports of it, whoever listens here.
   */
  _open(connection, wants) {
    this._connection = connection
    this._socket = connection.socket
    this._protocol = connection.protocol
    this._readyState = OPEN
    this._wants = wants
    connection.webSocket = this
    this._updateWants()
    this.emit('open')
  }

  get _wasClean() {
    return this._closeFrameReceived && this._closeFrameSent
  }

  get binaryType() {
    return this._binaryType
  }

  set binaryType(type) {
    if (BINARY_TYPES.includes(type)) this._binaryType = type
  }

  get bufferedAmount() {
    const connection = this._connection
    return connection ? connection.native.bufferedAmount(connection.id) : 0
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
   * @param {string | Buffer} [data] The reason, at most 123 bytes.
   */
  close(code, data) {
    if (this._readyState !== OPEN) return
    const reason = toBytes(data ?? EMPTY)
    checkClose(code, reason)
    this._readyState = CLOSING
    this._closeFrameSent = true
    this._command((native, id) => native.close(id, code, reason))
  }

  /** Ends the connection at once, without a close frame. */
  terminate() {
    if (this._readyState === CLOSED) return
    this._readyState = CLOSING
    this._command((native, id) => native.terminate(id))
  }

  pause() {
    this._setPaused(true)
  }

  resume() {
    this._setPaused(false)
  }

  /** @param {boolean} isPaused */
  _setPaused(isPaused) {
    if (this._readyState === CONNECTING || this._readyState === CLOSED) return
    this._isPaused = isPaused
    this._command((native, id) => native.setPaused(id, isPaused))
  }

  /**
   * @param {unknown} [data]
   * @param {boolean | SendCallback} [mask] Ignored: servers do not mask.
   * @param {SendCallback} [callback]
   */
  ping(data, mask, callback) {
    this._sendControl(OPCODES.ping, data, mask, callback)
  }

  /**
   * @param {unknown} [data]
   * @param {boolean | SendCallback} [mask] Ignored: servers do not mask.
   * @param {SendCallback} [callback]
   */
  pong(data, mask, callback) {
    this._sendControl(OPCODES.pong, data, mask, callback)
  }

  /**
   * @param {number} opcode
   * @param {any} data
   * @param {boolean | SendCallback} [mask]
   * @param {SendCallback} [callback]
   */
  _sendControl(opcode, data, mask, callback) {
    this._requireOpened()
    if (typeof data === 'function') [data, callback] = [undefined, data]
    else if (typeof mask === 'function') callback = mask
    const payload = toPayload(typeof data === 'number' ? String(data) : data || EMPTY)
    if (this._readyState !== OPEN) return this._failSend(callback)
    if (byteLength(payload) > MAX_CONTROL_BYTES) {
      throw new RangeError('The data size must not be greater than 125 bytes')
    }
    this._frame(opcode, true, payload, callback)
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
    this._requireOpened()
    if (typeof options === 'function') [options, callback] = [{}, options]
    if (typeof data === 'number') data = String(data)
    if (this._readyState !== OPEN) return this._failSend(callback)
    const { binary = typeof data !== 'string', fin = true } = options ?? {}
    if (data instanceof Blob) return this._sendBlob(data, binary, fin, callback)
    const payload = toPayload(data || EMPTY)
    this._frame(this._dataOpcode(binary, fin), fin, payload, callback)
  }

  /**
   * @param {boolean} binary
   * @param {boolean} fin
   */
  _dataOpcode(binary, fin) {
    const isContinued = this._isSendingFragments
    this._isSendingFragments = !fin
    if (isContinued) return OPCODES.continuation
    return binary ? OPCODES.binary : OPCODES.text
  }

  /**
   * A Blob is read asynchronously; what is sent meanwhile goes first.
   *
   * @param {InstanceType<typeof Blob>} blob
   * @param {boolean} binary
   * @param {boolean} fin
   * @param {SendCallback} [callback]
   */
  _sendBlob(blob, binary, fin, callback) {
    blob.arrayBuffer().then(
      (data) => {
        if (this._readyState !== OPEN) return this._failSend(callback)
        this._frame(this._dataOpcode(binary, fin), fin, Buffer.from(data), callback)
      },
      (error) => callback?.(error),
    )
  }

  /**
   * @param {number} opcode
   * @param {boolean} fin
   * @param {string | Uint8Array} payload
   * @param {SendCallback} [callback]
   */
  _frame(opcode, fin, payload, callback) {
    /** @type {number | undefined} */
    let token
    if (callback) {
      token = this._nextToken++
      this._callbacks.set(token, callback)
    }
    const isSent = this._command((native, id) => native.send(id, opcode, fin, payload, token))
    if (isSent || token === undefined) return
    this._callbacks.delete(token)
    this._failSend(callback)
  }

  /**
   * @template T
   * @param {(native: import('./native.js').NativeServer, id: number) => T} command
   */
  _command(command) {
    const connection = this._connection
    return connection && command(connection.native, connection.id)
  }

  _requireOpened() {
    if (this._readyState === CONNECTING) {
      throw new Error('WebSocket is not open: readyState 0 (CONNECTING)')
    }
  }

  /** @param {SendCallback} [callback] */
  _failSend(callback) {
    if (!callback) return
    const state = `${this._readyState} (${READY_STATES[this._readyState]})`
    process.nextTick(callback, new Error(`WebSocket is not open: readyState ${state}`))
  }

  /** @param {number} token */
  _onSent(token) {
    const callback = this._callbacks.get(token)
    this._callbacks.delete(token)
    callback?.()
  }

  /**
   * @param {Buffer} data
   * @param {boolean} isBinary
   */
  _onMessage(data, isBinary) {
    this.emit('message', isBinary ? this._toBinaryType(data) : data, isBinary)
  }

  /** @param {Buffer} data */
  _toBinaryType(data) {
    switch (this._binaryType) {
      case 'arraybuffer':
        return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
      case 'blob':
        return new Blob([data])
      case 'fragments':
        return data.length > 0 ? [data] : []
      default:
        return data
    }
  }

  /** @param {Error} error */
  _onError(error) {
    this._readyState = CLOSING
    this._closeFrameSent = true
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
    this._readyState = CLOSING
    this._closeFrameReceived = true
    this._closeFrameSent = true
    this._closeCode = code
    this._closeMessage = reason
  }

  /**
   * The connection is over. The caller then has {@link _emitClose} tell it.
   *
   * @param {number} code
   * @param {Buffer} reason
   */
  _setClosed(code, reason) {
    this._readyState = CLOSED
    this._closeCode = code
    this._closeMessage = reason
  }

  _emitClose() {
    const callbacks = [...this._callbacks.values()]
    this._callbacks.clear()
    try {
      const error = new Error('The connection was closed before the data was sent')
      for (const callback of callbacks) callback(error)
    } finally {
      this.emit('close', this._closeCode, this._closeMessage)
    }
  }

  /** Tells the addon which events somebody here listens for. */
  _updateWants() {
    const connection = this._connection
    if (!connection) return
    let wants = this._wants
    for (const [event, want] of WANTED_BY_EVENT) if (this.listenerCount(event) > 0) wants |= want
    connection.native.setWants(connection.id, wants)
  }

  /**
   * @param {string | symbol} event
   * @param {(...args: any[]) => void} listener
   */
  on(event, listener) {
    super.on(event, listener)
    if (WANTED_BY_EVENT.has(/** @type {string} */ (event))) this._updateWants()
    return this
  }

  /**
   * @param {string | symbol} event
   * @param {(...args: any[]) => void} listener
   */
  addListener(event, listener) {
    return this.on(event, listener)
  }

  /**
   * @param {string | symbol} event
   * @param {(...args: any[]) => void} listener
   */
  prependListener(event, listener) {
    super.prependListener(event, listener)
    this._updateWants()
    return this
  }

  /**
   * @param {string | symbol} event
   * @param {(...args: any[]) => void} listener
   */
  removeListener(event, listener) {
    super.removeListener(event, listener)
    if (WANTED_BY_EVENT.has(/** @type {string} */ (event))) this._updateWants()
    return this
  }

  /**
   * @param {string | symbol} event
   * @param {(...args: any[]) => void} listener
   */
  off(event, listener) {
    return this.removeListener(event, listener)
  }

  /** @param {string | symbol} [event] */
  removeAllListeners(event) {
    if (event === undefined) super.removeAllListeners()
    else super.removeAllListeners(event)
    this._updateWants()
    return this
  }
}

for (const [value, name] of READY_STATES.entries()) {
  Object.defineProperty(WebSocket, name, { enumerable: true, value })
  Object.defineProperty(WebSocket.prototype, name, { enumerable: true, value })
}

addEventTarget(WebSocket.prototype)

module.exports = WebSocket
