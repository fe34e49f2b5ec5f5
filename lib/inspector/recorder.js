'use strict'

const { loadBinary } = require('../native/binary.js')
const { describeClose, formatDuration } = require('../diagnostics/close-reason.js')
const { summarize } = require('../diagnostics/payload-summary.js')
const { addressOf, nameOf } = require('../diagnostics/client-info.js')
const { copyBeginning, detach, redact } = require('./payload-copy.js')
const { Ring } = require('./ring.js')

/** @typedef {import('../vite/clients.js').Connection} Connection */
/** @typedef {import('../vite/clients.js').Clients} Clients */
/** @typedef {import('../native/native.js').NativeDelivery} NativeDelivery */
/**
 * An event of the timeline, as the page gets it, and the kept part of its payload.
 *
 * @typedef {object} Entry
 * @property {number} seq
 * @property {number} time Milliseconds since 1970.
 * @property {'out' | 'in' | 'life'} way
 * @property {string} type
 * @property {string} about
 * @property {number} size Bytes.
 * @property {number} client 0 for all.
 * @property {Delivery} [delivery] Of a message that was sent.
 * @property {Buffer} [payload]
 * @property {boolean} [isCut]
 */
/**
 * @typedef {object} Delivery
 * @property {number} expected Clients that were there when it was sent.
 * @property {number} delivered
 * @property {number} lost
 * @property {number} lastClient 0 while nobody has it.
 * @property {number} lastMs
 * @property {[number, number | null][]} named The first clients, and milliseconds; null: lost.
 * @property {boolean} isSettled
 */
/** @typedef {{ seq: number, id: number, name: string, address: string, code: number, why: string, time: number }} Departure */

/** Cost of an entry beside its payload: objects, strings, the clients that it names. */
const ENTRY_BYTES = 2048
/** Messages whose delivery is followed at once. */
const MAX_FOLLOWED = 256
/** Clients that have left and are still shown. */
const MAX_DEPARTURES = 200

/** A record of what happens on a server while a page watches. */
class Recorder {
  /**
   * @param {object} options
   * @param {number} options.messages
   * @param {number} options.bytes
   * @param {number} options.payload Bytes kept of one payload.
   * @param {readonly string[]} options.secrets
   */
  constructor({ messages, bytes, payload, secrets }) {
    /** @type {Ring<Entry>} */
    this.ring = new Ring({ most: messages, mostBytes: bytes })
    this.payloadBytes = payload
    this.secrets = secrets
    this.seq = 0
    /** @type {Map<number, { entry: Entry, delivery: Delivery, native: NativeDelivery }>} */
    this.followed = new Map()
    /** @type {Departure[]} */
    this.departures = []
    /** @type {Set<number>} Clients that have lost something and do not read. */
    this.stalled = new Set()
    /** @type {Map<number, number>} Numbers of clients, by those that the addon has for them. */
    this.numbers = new Map()
    /** @type {number[]} Of those that have left, in the addon. */
    this.left = []
  }

  /** @param {string} text @param {Clients} clients */
  onBroadcast(text, { size }) {
    return this.addSent(0, text, size)
  }

  /** @param {Connection} connection @param {string} text */
  onSent(connection, text) {
    return this.addSent(numberOf(connection), text, 1)
  }

  /** @param {Connection} connection @param {Buffer} data @param {number} length @param {boolean} isBinary */
  onReceived(connection, data, length, isBinary) {
    const text = String(data)
    const { type, about } = isBinary ? { type: 'binary', about: '' } : summarize(text)
    const entry = this.add(
      { way: 'in', type, about, size: length, client: numberOf(connection) },
      text,
    )
    if (entry.payload && length > data.length) entry.isCut = true
  }

  /** @param {Connection} connection It may have been there before the page was. */
  meet(connection) {
    this.numbers.set(connection.id, numberOf(connection))
  }

  /** @param {Connection} connection */
  onOpened(connection) {
    const { clientInfo, transport } = connection
    this.meet(connection)
    const name = nameOf(clientInfo?.agent ?? '')
    this.addLife('connect', numberOf(connection), [name, transport].filter(Boolean).join(', '))
  }

  /** @param {Connection} connection @param {number} code @param {string} reason */
  onClosed(connection, code, reason) {
    const { clientInfo } = connection
    const id = numberOf(connection)
    const why = describeClose(code, reason, clientInfo)
    this.stalled.delete(id)
    const [name, address] = [nameOf(clientInfo?.agent ?? ''), clientInfo?.address ?? '']
    this.departures.push({ seq: this.seq + 1, id, name, address, code, why, time: Date.now() })
    this.left.push(connection.id)
    if (this.departures.length > MAX_DEPARTURES) {
      this.departures.shift()
      this.numbers.delete(/** @type {number} */ (this.left.shift()))
    }
    this.addLife('close', id, `${code}: ${why}`)
  }

  /** @param {import('node:http').IncomingMessage} request @param {string} _reason @param {string} detail */
  onRefused({ socket }, _reason, detail) {
    this.addLife('refused', 0, `${addressOf(socket)}: ${detail}`)
  }

  /** @param {import('node:http').IncomingMessage} request @param {'taken' | 'broken'} outcome @param {string} by */
  onConflict({ socket }, outcome, by) {
    const when = outcome === 'taken' ? 'before us' : 'as well'
    this.addLife('conflict', 0, `${addressOf(socket)}: another listener (${by}) answered ${when}`)
  }

  /** @param {Connection} connection @param {import('../reconnect/sessions.js').Return} visit */
  onReturned(connection, { away, missed }) {
    const what = missed === 0 ? 'missed nothing' : `${missed} messages sent again`
    this.addLife(
      'return',
      numberOf(connection),
      `a page is back after ${formatDuration(away)}; ${what}`,
    )
  }

  /** @param {import('../diagnostics/diagnostics.js').Reload} reload */
  onReload({ why, connection, request }) {
    const address = request ? `${addressOf(request.socket)}: ` : ''
    this.addLife('reload', connection ? numberOf(connection) : 0, `${address}${why}`)
  }

  /** @param {Connection} connection @param {string} reason */
  onPageGivenUp(connection, reason) {
    this.addLife('given up', numberOf(connection), `a page will not come back: ${reason}`)
  }

  /** @param {Connection} connection @param {number} frames @param {boolean} isClosing */
  onDropped(connection, frames, isClosing) {
    const id = numberOf(connection)
    this.stalled.add(id)
    const outcome = isClosing ? 'closed with 1013' : 'to be told to reload'
    this.addLife('overflow', id, `does not read; ${frames} messages dropped, ${outcome}`)
  }

  /** @param {Connection} connection */
  onRecovered(connection) {
    this.stalled.delete(numberOf(connection))
  }

  /**
   * @param {string} type
   * @param {number} client
   * @param {string} about
   */
  addLife(type, client, about) {
    this.add({ way: 'life', type, about, size: 0, client })
  }

  /**
   * @param {number} client
   * @param {string} text
   * @param {number} expected
   * @returns {NativeDelivery | undefined}
   */
  addSent(client, text, expected) {
    const size = Buffer.byteLength(text)
    const entry = this.add({ way: 'out', ...summarize(text), size, client }, text)
    if (this.followed.size >= MAX_FOLLOWED) return undefined
    const native = new (loadBinary().NativeDelivery)()
    /** @type {Delivery} */
    const delivery = { expected, ...NOTHING_YET }
    entry.delivery = delivery
    this.followed.set(entry.seq, { entry, delivery, native })
    return native
  }

  /**
   * @param {Omit<Entry, 'seq' | 'time'>} what
   * @param {string} [text]
   */
  add(what, text) {
    /** @type {Entry} */
    const entry = { seq: ++this.seq, time: Date.now(), ...what }
    entry.type = detach(entry.type)
    entry.about = detach(redact(entry.about, this.secrets))
    if (text !== undefined) {
      entry.payload = copyBeginning(text, this.payloadBytes, this.secrets)
      entry.isCut = entry.payload.length < Math.min(what.size, Buffer.byteLength(text))
    }
    this.ring.push(entry, ENTRY_BYTES + (entry.payload?.length ?? 0))
    return entry
  }

  /** The messages under way of which more is known since the last call. @returns {Entry[]} */
  follow() {
    /** @type {Entry[]} */
    const changed = []
    for (const [seq, { entry, delivery, native }] of this.followed) {
      const { delivered, lost, lastClient, lastMs, named, isSettled } = native.report()
      const isNews = delivered + lost !== delivery.delivered + delivery.lost || isSettled
      Object.assign(delivery, { delivered, lost, lastMs, isSettled })
      delivery.lastClient = this.numbers.get(lastClient) ?? 0
      delivery.named = pairs(named).map(([id, ms]) => [this.numbers.get(id) ?? 0, ms])
      if (isSettled) this.followed.delete(seq)
      if (isNews) changed.push(entry)
    }
    return changed
  }

  clear() {
    this.ring.clear()
    this.followed.clear()
    this.departures = []
    this.stalled.clear()
    this.numbers.clear()
    this.left = []
  }
}

/** @param {Connection} connection */
function numberOf({ id, clientInfo }) {
  return clientInfo?.number ?? id
}

const NOTHING_YET = {
  delivered: 0,
  lost: 0,
  lastClient: 0,
  lastMs: 0,
  named: /** @type {[number, number | null][]} */ ([]),
  isSettled: false,
}

/**
 * @param {Float64Array} numbers
 * @returns {[number, number | null][]}
 */
function pairs(numbers) {
  return Array.from({ length: numbers.length / 2 }, (_, place) => {
    const milliseconds = numbers[2 * place + 1]
    return [numbers[2 * place], Number.isNaN(milliseconds) ? null : milliseconds]
  })
}

module.exports = { Recorder }
