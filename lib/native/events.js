'use strict'

const { now, setImmediate } = require('../timers.js')
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
    this.read = this.read.bind(this)
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
    if (this.isReading) return
    let isDone = false
    this.isReading = true
    try {
      isDone = this.dispatchSome()
    } finally {
      this.isReading = false
      if (!isDone && !this.isStopped) setImmediate(this.read)
    }
  }

  /** @returns {boolean} Whether the addon has no more events. */
  dispatchSome() {
    const end = now() + BUDGET_MS
    for (;;) {
      if (this.next === this.count && !this.take()) return true
      while (this.next < this.count) {
        this.dispatchNext()
        if (this.isStopped) return true
        if (now() > end) return false
      }
    }
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
