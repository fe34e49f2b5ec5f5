'use strict'

const { AsyncResource } = require('node:async_hooks')
const { nextTick, now, setImmediate } = require('../timers.js')
const constants = require('./constants.js')

/** @typedef {import('./native.js').NativeServer} NativeServer */
/**
 * Receiver of one event: the connection's number, its kind, a number and a value.
 *
 * @typedef {(id: number, kind: number, number: number, value: any) => void} EventHandler
 */

/** Milliseconds of dispatching before the event loop turns. */
const BUDGET_MS = 5
/** Connection number that stands for none: real ones begin at 1. */
const NO_CONNECTION = 0

/** When a reader goes on. */
const DONE = 0
const AFTER_TICKS = 1
const NEXT_TURN = 2

/**
 * Listeners run in no context of an `AsyncLocalStorage`, that of a server's creator least of all. It is
 * no handle that Jest's `--detectOpenHandles` would have to wait for, so its end is told at once.
 */
const outside = new AsyncResource('vite-native-ws', { requireManualDestroy: true }).emitDestroy()
const settled = Promise.resolve()

/** The reader of a server's event batches, the only one. */
class EventReader {
  /**
   * @param {EventHandler} onEvent
   * @param {() => void} carry Called before events are dispatched, if the addon has steps for streams:
   *   the events before them count as dealt with, which it may act upon.
   */
  constructor(onEvent, carry) {
    this.onEvent = onEvent
    this.carry = carry
    this.isReading = false
    /** It waits for what listeners have left to promises and ticks. */
    this.isWaiting = false
    /** The time at which the event loop is to turn. */
    this.end = 0
    this.read = this.read.bind(this)
    this.onSettled = this.onSettled.bind(this)
    this.goOn = this.goOn.bind(this)
    /** @type {NativeServer | undefined} */
    this.native = undefined
    /** The batch that is being dispatched: two numbers an event, its payloads, and its values. */
    this.heads = new Float64Array(constants.EVENT_HEADS)
    this.text = ''
    /** @type {any[]} */
    this.values = []
    this.count = 0
    /** The place of its next event, and of the next payload in its text. */
    this.next = 0
    this.textAt = 0
    this.isStopped = false
    this.leading = constants.LEADING_HEADS
    this.kinds = constants.HEAD_KINDS
    this.payload = constants.EventKind.Payload
  }

  /** Nothing is dispatched any more. */
  stop() {
    this.isStopped = true
  }

  /**
   * Takes events from the addon and dispatches them, for a moment at a time: a flood must not keep
   * the event loop from turning. A listener's error loses none of the rest.
   */
  read() {
    if (this.isReading || this.isWaiting) return
    this.end = now() + BUDGET_MS
    outside.runInAsyncScope(this.dispatchSome, this)
  }

  onSettled() {
    nextTick(this.goOn)
  }

  goOn() {
    this.isWaiting = false
    if (this.isStopped) return
    if (now() > this.end) setImmediate(this.read)
    else outside.runInAsyncScope(this.dispatchSome, this)
  }

  dispatchSome() {
    let next = NEXT_TURN
    this.isReading = true
    try {
      next = this.dispatchOne()
    } finally {
      this.isReading = false
      if (!this.isStopped) this.schedule(next)
    }
  }

  /** @param {number} next */
  schedule(next) {
    if (next === NEXT_TURN) setImmediate(this.read)
    else if (next === AFTER_TICKS) {
      this.isWaiting = true
      settled.then(this.onSettled)
    }
  }

  /**
   * Dispatches the events of one connection. Between those of two, and before events count as dealt
   * with, promises and ticks have their turn, as between the reads of two sockets of Node's.
   *
   * @returns {number} When to go on.
   */
  dispatchOne() {
    let current = NO_CONNECTION
    for (;;) {
      if (this.next === this.count) {
        if (current !== NO_CONNECTION) return AFTER_TICKS
        if (!this.take()) return DONE
      }
      const id = this.nextConnection
      if (current !== NO_CONNECTION && id !== current) return AFTER_TICKS
      current = id
      this.dispatchNext()
      if (this.isStopped) return DONE
      if (now() > this.end) return NEXT_TURN
    }
  }

  get nextConnection() {
    return Math.floor(this.heads[this.leading + 2 * this.next] / this.kinds)
  }

  dispatchNext() {
    const { heads } = this
    const place = this.next
    const at = this.leading + 2 * place
    this.next += 1
    const number = heads[at + 1]
    const kind = heads[at] % this.kinds
    const id = (heads[at] - kind) / this.kinds
    let value
    if (kind === this.payload) {
      value = this.text.slice(this.textAt, this.textAt + number)
      this.textAt += number
    } else if (this.values.length > 0) value = this.values[place]
    if (id !== NO_CONNECTION) this.onEvent(id, kind, number, value)
  }

  /** @returns {boolean} Whether there are more events. */
  take() {
    if (this.values.length > 0) this.values = []
    const text = this.native?.takeEvents(this.heads, this.values)
    this.next = 0
    this.textAt = 0
    this.count = this.heads[0]
    this.text = text ?? ''
    if (this.heads[1] > 0) this.carry()
    return this.count > 0
  }
}

module.exports = { EventReader }
