'use strict'

const { now, setImmediate } = require('../timers.js')
const constants = require('./constants.js')

/** @typedef {import('./native.js').NativeServer} NativeServer */
/** @typedef {import('./native.js').EventBatch} EventBatch */
/**
 * Receiver of one event: the connection's number, its kind, a number and a value.
 *
 * @typedef {(id: number, kind: number, number: number, value: any) => void} EventHandler
 */

/** Events taken from the addon at once. */
const BATCH = 512
/** Milliseconds of dispatching before the event loop turns. */
const BUDGET_MS = 5
/** Connection number that stands for none: real ones begin at 1. */
const NO_CONNECTION = 0
/** The reader of a server's event batches, the only one. */
class EventReader {
  /**
   * @param {EventHandler} onEvent
   * @param {() => void} onTaken Called when events have been taken, before they are dispatched:
   *   those before count as dealt with, which the addon may act upon.
   */
  constructor(onEvent, onTaken) {
    this.onEvent = onEvent
    this.onTaken = onTaken
    this.isReading = false
    this.read = this.read.bind(this)
    /** @type {NativeServer | undefined} */
    this.native = undefined
    /** @type {EventBatch | undefined} What is being dispatched. */
    this.batch = undefined
    /** The place of its next event, and of the next payload in its text. */
    this.next = 0
    this.textAt = 0
    this.isStopped = false
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
      const batch = this.batch ?? this.take()
      if (!batch) return true
      while (2 * this.next < batch.heads.length) {
        this.dispatchNext(batch)
        if (this.isStopped) return true
        if (now() > end) return false
      }
      this.batch = undefined
      this.next = 0
      this.textAt = 0
    }
  }

  /** @param {EventBatch} batch */
  dispatchNext({ heads, text, values }) {
    const at = this.next
    this.next += 1
    const number = heads[2 * at + 1]
    const kind = heads[2 * at] % this.kinds
    let value = values[at]
    if (kind === this.payload) {
      value = text.slice(this.textAt, this.textAt + number)
      this.textAt += number
    }
    const id = (heads[2 * at] - kind) / this.kinds
    if (id !== NO_CONNECTION) this.onEvent(id, kind, number, value)
  }

  take() {
    this.batch = this.native?.takeEvents(BATCH) ?? undefined
    this.onTaken()
    return this.batch
  }
}

module.exports = { EventReader }
