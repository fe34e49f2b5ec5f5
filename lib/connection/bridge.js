'use strict'

const { loadBinary } = require('../native/binary.js')
const { clearInterval, nextTick, now, setInterval } = require('../timers.js')

/** @typedef {import('./connections.js').Connections<any>} Connections */
/** @typedef {import('./connection.js').Connection<any>} Connection */

/** The connection that a stream belongs to. */
const kConnection = Symbol('connection')

/** Sends in a row that are written at once, each by itself. */
const MAX_PROMPT_SENDS = 8
/** Milliseconds without a send that end such a row. */
const PAUSE_MS = 1
/** Characters that are gathered before they are written together. */
const MAX_GATHERED = 64 * 1024

/** Numbers that a batch has room for. */
const NUMBERS = 4096
/** Small frames are put into a pool of this many bytes, one behind the other. */
const POOL_BYTES = 64 * 1024
/** Free bytes below which a new pool is taken. */
const MIN_POOL_BYTES = 16 * 1024

const EMPTY = Buffer.alloc(0)

/**
 * The streams of one server's bridged connections: TLS sockets, any Duplex, all sockets on Windows.
 *
 * The addon frames, parses and decides, here, on JavaScript's thread, and says what to do with the
 * streams. That is done before the call that led to it returns, so that a message is on its way
 * when `send` returns, as with `ws`.
 */
class Bridge {
  /** @param {Connections} connections */
  constructor(connections) {
    this.connections = connections
    this.native = connections.native
    this.addon = loadBinary()
    this.size = 0
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined
    /** Where the addon says what to do, how much of it there is, and how much has been done. */
    this.numbers = new Int32Array(NUMBERS)
    this.count = 0
    this.next = 0
    this.hasMore = false
    /** @type {Buffer[]} What is to be written. */
    this.buffers = []
    this.pool = EMPTY
    this.pooled = 0
    this.isCorked = false
    this.isCarrying = false
    this.isAgain = false
    this.isReadDue = false
    /** The last sends, to all. */
    this.row = new Row()
    this.gathered = 0
    this.gatheredSince = 0
    this.now = 0
    this.isFlushDue = false
    this.flushGathered = this.flushGathered.bind(this)
  }

  /** @param {Connection} connection Its stream is listened to until its end. */
  add(connection) {
    const socket = /** @type {any} */ (connection.socket)
    socket[kConnection] = connection
    socket.on('data', onData)
    socket.on('end', onEnd)
    socket.on('close', onClose)
    this.size += 1
    this.timer ??= setInterval(() => this.tick(), this.native.tickMs).unref()
  }

  /** A connection has ended. */
  remove() {
    this.size -= 1
    if (this.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  tick() {
    this.native.tick()
    this.carry()
    this.read()
  }

  /**
   * Sends a payload of Vite's protocol to every tracked client. It is written now, unless it belongs
   * to a burst.
   *
   * @param {string} text
   * @param {boolean} isReplayed Whether pages that missed it get it when they come back.
   * @param {import('../native/native.js').NativeDelivery} [delivery] Records its receivers.
   */
  broadcast(text, isReplayed, delivery) {
    const { native, row } = this
    const isPrompt = this.isPrompt(row)
    if (!isPrompt || this.isCarrying) {
      native.broadcast(text, isReplayed, delivery)
      return isPrompt ? this.carry() : this.gather(text.length)
    }
    this.preparePool()
    const { numbers, pool, pooled } = this
    this.onBatch(native.broadcastAndCarry(text, isReplayed, delivery, numbers, pool, pooled))
    this.carryBatch()
    // To write to many clients takes its time, which is no pause.
    row.last = now()
  }

  /**
   * Something has been sent to one client. It is written now, unless it belongs to a burst: that
   * leaves in few writes, the first of them soon, the last as soon as JavaScript pauses.
   *
   * @param {Row} row The sends with the same receiver.
   * @param {number} length
   */
  onSent(row, length) {
    if (!this.isPrompt(row)) return this.gather(length)
    this.carry()
    row.last = now()
  }

  /** @param {Row} row */
  isPrompt(row) {
    this.now = now()
    return row.isPrompt(this.now) || this.connections.isExiting
  }

  /** @param {number} length */
  gather(length) {
    if (this.gathered === 0) this.gatheredSince = this.now
    this.gathered += length
    const isEnough = this.gathered >= MAX_GATHERED || this.now - this.gatheredSince >= PAUSE_MS
    if (isEnough) return this.carry()
    if (this.isFlushDue) return
    this.isFlushDue = true
    Promise.resolve().then(this.flushGathered)
  }

  flushGathered() {
    this.isFlushDue = false
    if (this.gathered > 0) this.carry()
  }

  /** Carries out what has been ordered. A stream that calls back from within waits for its turn. */
  carry() {
    this.isAgain = true
    if (!this.isCarrying) this.carryBatch()
  }

  carryBatch() {
    this.isCarrying = true
    try {
      this.carryOn()
    } finally {
      this.isCarrying = false
      if (this.isReadDue) nextTick(() => this.read())
    }
  }

  /** The process exits: nothing comes back to what is being done. */
  carryAtExit() {
    this.isAgain = true
    this.carryOn()
  }

  carryOn() {
    for (;;) {
      this.finishBatch()
      if (!this.isAgain) return
      this.isAgain = false
      this.preparePool()
      this.onBatch(this.native.carry(this.numbers, this.pool, this.pooled))
    }
  }

  preparePool() {
    if (this.pool.length - this.pooled >= MIN_POOL_BYTES) return
    this.pool = Buffer.allocUnsafeSlow(POOL_BYTES)
    this.pooled = 0
  }

  /** @param {number} result Of the addon's `carry`. */
  onBatch(result) {
    const { HAS_MORE } = this.addon
    this.count = result & ~HAS_MORE
    this.hasMore = result >= HAS_MORE
    this.next = 0
    this.gathered = 0
    if (this.buffers.length > 0) this.buffers = []
  }

  finishBatch() {
    const { numbers } = this
    const { PooledBuffer, LargeBuffer } = this.addon.StreamRecord
    while (this.next < this.count) {
      const at = this.next
      this.next += 2
      const first = numbers[at]
      if (first === PooledBuffer) this.addPooled(numbers[at + 1])
      else if (first === LargeBuffer) this.addLarge(numbers[at + 1])
      else if (first > 0) this.takeStep(first, at)
    }
    this.isAgain ||= this.hasMore
    this.hasMore = false
  }

  /** @param {number} length */
  addPooled(length) {
    this.buffers.push(this.pool.subarray(this.pooled, this.pooled + length))
    this.pooled += length
  }

  /** @param {number} length */
  addLarge(length) {
    const buffer = Buffer.allocUnsafeSlow(length)
    this.native.fillBuffer(buffer)
    this.buffers.push(buffer)
  }

  /**
   * @param {number} id
   * @param {number} at The place of its record.
   */
  takeStep(id, at) {
    const connection = this.connections.open.get(id)
    if (!connection) return
    const { socket } = connection
    const { End, Resume, Write } = this.addon.StreamStep
    const step = this.numbers[at + 1]
    try {
      if (step >= Write) this.write(connection, at, this.buffers[step - Write])
      else if (step === End) socket.end()
      else if (step === Resume) socket.resume()
      else socket.destroy()
    } catch (error) {
      // A stream of somebody else's may throw; that is its end, and not that of the others.
      this.isCorked = false
      socket.destroy(/** @type {Error} */ (error))
    }
  }

  /**
   * @param {Connection} connection
   * @param {number} at
   * @param {Buffer} buffer
   */
  write(connection, at, buffer) {
    const { socket } = connection
    const isFollowed = this.isFollowed(at)
    if (isFollowed && !this.isCorked) {
      this.isCorked = true
      socket.cork()
    }
    const callback = this.numbers[at + 2] < 0 ? this.callbackOf(connection, at) : undefined
    let isFree = socket.write(buffer, callback)
    if (this.isCorked) {
      if (isFollowed) return
      this.isCorked = false
      socket.uncork()
      isFree = false
    }
    if (!isFree && socket.writableLength > this.addon.MAX_UNWRITTEN_BYTES) this.block(connection)
  }

  /**
   * Whether the next step is a write to the same stream.
   *
   * @param {number} at
   */
  isFollowed(at) {
    const { numbers, count } = this
    let next = at + 2
    while (next < count && numbers[next] <= 0) next += 2
    return (
      next < count &&
      numbers[next] === numbers[at] &&
      numbers[next + 1] >= this.addon.StreamStep.Write
    )
  }

  /**
   * The callback of a write, if something waits for it.
   *
   * @param {Connection} connection
   * @param {number} at
   */
  callbackOf(connection, at) {
    const { numbers } = this
    const { Receipts, Token } = this.addon.StreamRecord
    /** @type {number[]} */
    const tokens = []
    /** @type {number | undefined} */
    let receipts
    for (let next = at + 2; next < this.count; next += 2) {
      if (numbers[next] === Token) tokens.push(numbers[next + 1] >>> 0)
      else if (numbers[next] === Receipts) receipts = numbers[next + 1]
      else break
    }
    if (tokens.length === 0 && receipts === undefined) return undefined
    return (/** @type {Error | null | undefined} */ error) => {
      if (receipts !== undefined) this.native.settleReceipts(receipts, !error)
      // At the end of the connection, all callbacks that are left are called, in order.
      if (error) return
      for (const token of tokens) connection.webSocket?._onSent(token)
    }
  }

  /**
   * Its stream gets no more until it has drained; what is sent waits in the addon, within its bounds.
   *
   * @param {Connection} connection
   */
  block({ id, socket }) {
    if (!socket.writableNeedDrain) return
    this.native.setUnwritten(id, socket.writableLength)
    socket.once('drain', onDrain)
  }

  /**
   * @param {Connection} connection
   * @param {Uint8Array} chunk
   */
  push({ id, socket }, chunk) {
    const { Carry, Pause, TakeEvents } = this.addon.PushResult
    const result = this.native.push(id, chunk)
    if (result & Pause) socket.pause()
    if (result & Carry) this.carry()
    if (!(result & TakeEvents)) return
    if (this.isCarrying) this.isReadDue = true
    else this.read()
  }

  read() {
    this.isReadDue = false
    this.connections.reader.read()
  }
}

/** Sends one behind the other with the same receiver. */
class Row {
  constructor() {
    this.length = 0
    this.last = -Infinity
  }

  /**
   * Whether a send is among the first of a row, and is written at once.
   *
   * @param {number} now
   */
  isPrompt(now) {
    if (now - this.last >= PAUSE_MS) this.length = 0
    this.last = now
    this.length += 1
    return this.length <= MAX_PROMPT_SENDS
  }
}

/** @this {any} @param {Uint8Array} chunk */
function onData(chunk) {
  const connection = this[kConnection]
  connection.connections.bridge.push(connection, chunk)
}

/** @this {any} */
function onEnd() {
  const { connections, id } = this[kConnection]
  connections.native.onStreamEnd(id)
  connections.bridge.carry()
}

/** @this {any} */
function onClose() {
  const { connections, id } = this[kConnection]
  connections.native.onStreamClosed(id)
  connections.bridge.carry()
}

/** @this {any} */
function onDrain() {
  const { connections, id } = this[kConnection]
  connections.native.setUnwritten(id, 0)
  connections.bridge.carry()
}

module.exports = { Bridge, Row }
