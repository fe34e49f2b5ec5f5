'use strict'

const { AsyncResource } = require('node:async_hooks')
const os = require('node:os')
const { nextTick } = require('../timers.js')
const constants = require('../native/constants.js')
const { READY_STATES } = require('./ready-state.js')
const { byteLength, isBlob, MAX_CONTROL_BYTES, toPayload } = require('./message-data.js')

/** @typedef {import('../connection/connection.js').Connection} Connection */
/** @typedef {import('./message-data.js').NodeBlob} Blob */
/** @typedef {(error?: Error | null) => void} SendCallback */
/**
 * @typedef {object} Outgoing A frame on its way to the addon.
 * @property {number} opcode
 * @property {boolean} fin
 * @property {string | Uint8Array | Blob} payload For a close frame, the reason.
 * @property {number} [code] Of a close frame.
 * @property {SendCallback} [callback]
 */

/**
 * The sending half of a WebSocket: frames go to the addon in the order of the calls, and each
 * callback is called once. A Blob has to be read first; what comes after it waits.
 */
class Sender {
  /**
   * @param {Connection} connection
   * @param {(error: Error) => void} onError Called when a Blob cannot be read.
   */
  constructor(connection, onError) {
    this.connection = connection
    this.onError = onError
    /** @type {Map<number, SendCallback>} Callbacks of frames that have not been written. */
    this.callbacks = new Map()
    this.nextToken = 0
    this.isFragmented = false
    /** @type {Outgoing | undefined} The Blob that is being read. */
    this.reading = undefined
    /** @type {Outgoing[]} What waits behind it. */
    this.waiting = []
    /** Whether the answer to a close frame of the peer is held back for it. */
    this.isHolding = false
    this.isAbandoned = false
    this.isBroken = false
    /** Bytes of sends that came too late; `ws` counts them for ever. */
    this.unsentBytes = 0
  }

  /** Bytes that have been sent and not written. */
  get bufferedAmount() {
    const queued = this.reading ? [this.reading, ...this.waiting] : []
    const queuedBytes = queued.reduce((sum, { payload }) => sum + byteLength(payload), 0)
    return this.connection.bufferedAmount + queuedBytes + this.unsentBytes
  }

  /** Whether a Blob stands before all that comes, a close frame too. */
  get isCutShort() {
    return this.isBroken || this.reading !== undefined
  }

  /**
   * @param {any} data
   * @param {{ binary?: unknown, fin?: unknown }} options
   * @param {SendCallback} [callback]
   */
  send(data, { binary, fin }, callback) {
    const payload = toPayload(data)
    const { Opcode } = constants
    const first = binary ? Opcode.Binary : Opcode.Text
    const opcode = this.isFragmented ? Opcode.Continuation : first
    this.isFragmented = !fin
    this.submit({ opcode, fin: Boolean(fin), payload, callback })
  }

  /**
   * @param {number} opcode
   * @param {any} data
   * @param {SendCallback} [callback]
   */
  sendControl(opcode, data, callback) {
    const payload = toPayload(data)
    if (byteLength(payload) > MAX_CONTROL_BYTES) {
      throw new RangeError('The data size must not be greater than 125 bytes')
    }
    this.submit({ opcode, fin: true, payload, callback })
  }

  /**
   * @param {number | undefined} code
   * @param {Uint8Array} reason
   */
  close(code, reason) {
    this.submit({ opcode: constants.Opcode.Close, fin: true, payload: reason, code })
  }

  /**
   * Takes note of data that was sent too late.
   *
   * @param {any} data
   * @param {number} readyState
   * @param {SendCallback} [callback] Gets the error, later.
   */
  discard(data, readyState, callback) {
    if (data) this.unsentBytes += byteLength(toPayload(data))
    if (!callback) return
    const state = `${readyState} (${READY_STATES[readyState]})`
    nextTick(callback, new Error(`WebSocket is not open: readyState ${state}`))
  }

  /** @param {Outgoing} outgoing */
  submit(outgoing) {
    const { callback } = outgoing
    // It runs in the context of its caller, as those of Node's streams do.
    if (typeof callback === 'function') outgoing.callback = AsyncResource.bind(callback)
    this.submitAll([outgoing])
  }

  /** @param {Outgoing[]} all */
  submitAll(all) {
    for (const outgoing of all) {
      if (this.reading) this.waiting.push(outgoing)
      else if (isBlob(outgoing.payload)) this.read(outgoing, outgoing.payload)
      else this.write(outgoing, outgoing.payload)
    }
  }

  /**
   * @param {Outgoing} outgoing
   * @param {Blob} blob
   */
  read(outgoing, blob) {
    this.reading = outgoing
    this.report()
    blob.arrayBuffer().then(
      (data) => {
        if (this.reading !== outgoing) return
        if (this.isAbandoned) return nextTick(() => this.failUnread(unreadError()))
        this.reading = undefined
        this.write(outgoing, Buffer.from(data))
        this.submitAll(this.waiting.splice(0))
        this.report()
      },
      // Errors of callbacks are to be uncaught exceptions, not rejections.
      (error) => nextTick(() => this.onBlobError(outgoing, error)),
    )
  }

  /**
   * @param {Outgoing} outgoing
   * @param {Error} error
   */
  onBlobError(outgoing, error) {
    if (this.reading !== outgoing) return
    this.isBroken = true
    this.failUnread(error)
    this.onError(error)
  }

  /** Tells the addon whether something here comes before the answer to a close frame of the peer. */
  report() {
    const isHolding = this.reading !== undefined
    if (isHolding === this.isHolding) return
    this.isHolding = isHolding
    this.connection.holdAnswer(isHolding ? 1 : -1)
  }

  /** The connection is about to end, and no Blob is waited for. */
  abandon() {
    this.isAbandoned = true
  }

  /**
   * @param {Outgoing} outgoing
   * @param {string | Uint8Array} payload
   */
  write({ opcode, fin, code, callback }, payload) {
    const { connection } = this
    if (opcode === constants.Opcode.Close) {
      return connection.close(code, /** @type {Uint8Array} */ (payload))
    }
    if (typeof callback !== 'function') return void connection.send(opcode, fin, payload)
    const token = this.nextToken
    this.nextToken = (token + 1) >>> 0
    this.callbacks.set(token, callback)
    if (connection.send(opcode, fin, payload, token)) return
    this.callbacks.delete(token)
    nextTick(callback, destroyedError())
  }

  /** @param {number} token */
  onSent(token) {
    const callback = this.callbacks.get(token)
    this.callbacks.delete(token)
    // Streams of Node give null, and so does `ws`.
    callback?.(null)
  }

  /** Nothing more is written: every callback that is left gets the error. */
  fail() {
    const callbacks = [...this.callbacks.values()]
    this.callbacks.clear()
    const error = this.isAbandoned ? cancelledError() : destroyedError()
    for (const callback of callbacks) callback(error)
    this.failUnread(unreadError())
  }

  /**
   * The Blob that is being read is not sent, nor is what waits behind it.
   *
   * @param {Error} error
   */
  failUnread(error) {
    const unread = this.reading ? [this.reading, ...this.waiting] : []
    this.reading = undefined
    this.waiting = []
    for (const { callback } of unread) if (typeof callback === 'function') callback(error)
  }
}

function unreadError() {
  return new Error('The socket was closed while the blob was being read')
}

/**
 * The error of Node's sockets for what was being written when they were destroyed; up to Node 20 it
 * was that of streams.
 */
function cancelledError() {
  if (Number(process.versions.node.split('.', 1)[0]) < 22) return destroyedError()
  const errno = -os.constants.errno.ECANCELED
  return Object.assign(new Error('write ECANCELED'), { errno, code: 'ECANCELED', syscall: 'write' })
}

/** The error of Node's streams for what a closed socket has not written, which `ws` hands on. */
function destroyedError() {
  const error = new Error('Cannot call write after a stream was destroyed')
  return Object.assign(error, { code: 'ERR_STREAM_DESTROYED' })
}

module.exports = { Sender }
