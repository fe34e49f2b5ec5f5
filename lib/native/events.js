'use strict'

const { performance } = require('node:perf_hooks')
// Under fake timers and in jsdom the globals of these names are not Node's.
const { setImmediate } = require('node:timers')
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
  /** @param {EventHandler} onEvent */
  constructor(onEvent) {
    this.onEvent = onEvent
    this.read = this.read.bind(this)
    /** @type {NativeServer | undefined} */
    this.native = undefined
    /** @type {EventBatch[]} Taken from the addon; the first is being dispatched. */
    this.batches = []
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
    let isDone = false
    try {
      isDone = this.dispatchSome()
    } finally {
      if (!isDone && !this.isStopped) setImmediate(this.read)
    }
  }

  /** @returns {boolean} Whether the addon has no more events. */
  dispatchSome() {
    const end = performance.now() + BUDGET_MS
    for (;;) {
      const batch = this.batches[0] ?? this.native?.takeEvents(BATCH)
      if (!batch) return true
      this.batches[0] = batch
      while (2 * this.next < batch.heads.length) {
        this.dispatchNext(batch)
        if (this.isStopped) return true
        if (performance.now() > end) return false
      }
      this.batches.shift()
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

  /**
   * Takes all events of one kind out of what waits, before those that came first, and handles them
   * now.
   *
   * @param {number} wanted
   * @param {(id: number, value: any) => void} handle
   */
  takeAll(wanted, handle) {
    for (;;) {
      const batch = this.native?.takeEvents(BATCH)
      if (!batch) break
      this.batches.push(batch)
    }
    for (const { heads, values } of this.batches) {
      for (const [at, value] of values.entries()) {
        const kind = heads[2 * at] % this.kinds
        const id = (heads[2 * at] - kind) / this.kinds
        if (id === NO_CONNECTION || kind !== wanted) continue
        heads[2 * at] = NO_CONNECTION
        handle(id, value)
      }
    }
  }
}

module.exports = { EventReader }
