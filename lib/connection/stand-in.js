'use strict'

const { clearTimeout, setTimeout } = require('../timers.js')

/** @typedef {import('./connection.js').Connection<any>} Connection */

/** The connection that a socket stands for. */
const kConnection = Symbol('connection')

/** Looks at a connection in the time after which it counts as idle. */
const LOOKS = 8
/** Milliseconds between two looks at what has yet to be written. */
const DRAIN_MS = 5

/**
 * Gives the Node socket of a connection what programs reach for through `_socket`, once there is
 * somebody who can. Whether the process stays alive follows it on both roads. None of the bytes of
 * an adopted connection pass it, so that there `setTimeout` and `drain` go by what passes in truth.
 *
 * @param {Connection} connection
 */
function standIn(connection) {
  const socket = /** @type {any} */ (connection.socket)
  socket[kConnection] = connection
  if (typeof socket.unref === 'function') {
    Object.assign(socket, { ref, unref })
  }
  if (connection.transport === 'bridged') return
  if (typeof socket.setTimeout === 'function') {
    Object.assign(socket, { setTimeout: setIdleTimeout, _onTimeout: onTimeout })
  }
  socket.on('newListener', onNewListener)
}

/** @this {any} */
function ref() {
  Reflect.apply(Object.getPrototypeOf(this).ref, this, [])
  setReferenced(this[kConnection], true)
  return this
}

/** @this {any} */
function unref() {
  Reflect.apply(Object.getPrototypeOf(this).unref, this, [])
  setReferenced(this[kConnection], false)
  return this
}

/**
 * @param {Connection} connection
 * @param {boolean} isReferenced
 */
function setReferenced(connection, isReferenced) {
  if (connection.closed || connection.isReferenced === isReferenced) return
  connection.isReferenced = isReferenced
  connection.connections.hold(isReferenced ? 1 : -1)
}

/** @this {any} @param {number} milliseconds @param {() => void} [callback] */
function setIdleTimeout(milliseconds, callback) {
  const connection = this[kConnection]
  connection.idleWatch ??= new IdleWatch(connection)
  connection.idleWatch.set(milliseconds, callback)
  return this
}

/** @this {any} Node's timer of a socket has run. */
function onTimeout() {
  this[kConnection].idleWatch?.look()
}

/** @this {any} @param {string | symbol} event */
function onNewListener(event) {
  if (event !== 'drain') return
  const connection = this[kConnection]
  connection.drainWatch ??= new DrainWatch(connection)
  connection.drainWatch.start()
}

/** Emits `timeout` once nothing has passed for the time that `setTimeout` was given. */
class IdleWatch {
  /** @param {Connection} connection */
  constructor(connection) {
    this.connection = connection
    this.passed = 0
    this.quietLooks = 0
    this.isIdle = false
  }

  /** @param {number} milliseconds @param {() => void} [callback] */
  set(milliseconds, callback) {
    this.passed = this.connection.bytesPassed
    this.quietLooks = 0
    this.isIdle = false
    this.wait(milliseconds, callback)
  }

  /** @param {number} milliseconds @param {() => void} [callback] */
  wait(milliseconds, callback) {
    const socket = /** @type {any} */ (this.connection.socket)
    // Node refuses values that are no durations.
    const step = milliseconds > LOOKS ? Math.ceil(milliseconds / LOOKS) : milliseconds
    Reflect.apply(Object.getPrototypeOf(socket).setTimeout, socket, [step, callback])
    socket.timeout = milliseconds
  }

  look() {
    const { bytesPassed, socket } = this.connection
    const isQuiet = bytesPassed === this.passed
    this.passed = bytesPassed
    this.quietLooks = isQuiet ? this.quietLooks + 1 : 0
    this.isIdle &&= isQuiet
    this.wait(/** @type {any} */ (socket).timeout)
    if (this.isIdle || this.quietLooks < LOOKS) return
    this.isIdle = true
    socket.emit('timeout')
  }
}

/** Emits `drain` once all that was sent has been written, while somebody listens for it. */
class DrainWatch {
  /** @param {Connection} connection */
  constructor(connection) {
    this.connection = connection
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined
    this.look = this.look.bind(this)
  }

  /** Something waits to be written, perhaps. */
  start() {
    if (this.timer || this.connection.bufferedAmount === 0) return
    this.timer = setTimeout(this.look, DRAIN_MS).unref()
  }

  stop() {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  look() {
    const { bufferedAmount, socket } = this.connection
    this.timer = undefined
    if (socket.listenerCount('drain') === 0) return
    if (bufferedAmount > 0) this.start()
    else socket.emit('drain')
  }
}

module.exports = { standIn }
