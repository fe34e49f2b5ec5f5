'use strict'

const { performance } = require('node:perf_hooks')
// Under fake timers and in jsdom the globals of these names are not Node's.
const { setImmediate } = require('node:timers')

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
/** Factor of the connection's number in the heads of a batch; the kind is the rest. */
const KINDS = 32

/** `EventKind` of the binding. */
const EventKind = Object.freeze({
  Text: 0,
  Binary: 1,
  Payload: 2,
  LongPayload: 3,
  Ping: 4,
  Pong: 5,
  Closing: 6,
  Error: 7,
  Sent: 8,
  Dropped: 9,
  Overflow: 10,
  Closed: 11,
  Write: 12,
  End: 13,
  Resume: 14,
  Recovered: 15,
  GivenUp: 16,
  Pinged: 17,
  Ponged: 18,
  ObservedText: 19,
  ObservedBinary: 20,
})

/** `Wants` of the core: which events of a connection the addon reports. */
const Subscriptions = Object.freeze({
  Nothing: 0,
  Messages: 1,
  Pings: 2,
  Pongs: 4,
  Events: 8,
  Everything: 15,
})

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
    const kind = heads[2 * at] % KINDS
    let value = values[at]
    if (kind === EventKind.Payload) {
      value = text.slice(this.textAt, this.textAt + number)
      this.textAt += number
    }
    const id = (heads[2 * at] - kind) / KINDS
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
        const kind = heads[2 * at] % KINDS
        const id = (heads[2 * at] - kind) / KINDS
        if (id === NO_CONNECTION || kind !== wanted) continue
        heads[2 * at] = NO_CONNECTION
        handle(id, value)
      }
    }
  }
}

module.exports = { EventKind, EventReader, Subscriptions }
