'use strict'

const { loadBinary } = require('./binary.js')

/** @typedef {import('./native.js').DisconnectReason} DisconnectReason */

/** @type {readonly string[] | undefined} */
let disconnectReasons
/** @type {readonly string[] | undefined} */
let clientColumns
/** @type {Readonly<import('./native.js').Defaults> | undefined} */
let defaults

/**
 * Names and numbers of the addon, which is loaded when one of them is first asked for: importing
 * this package must never break a dev server.
 */
module.exports = {
  /** Kinds of events in a batch. */
  get EventKind() {
    return loadBinary().EventKind
  },
  /** Factor of the connection's number in the heads of a batch; the kind is the rest. */
  get HEAD_KINDS() {
    return loadBinary().HEAD_KINDS
  },
  /** Numbers that the heads of a batch need room for. */
  get EVENT_HEADS() {
    return loadBinary().EVENT_HEADS
  },
  /** Numbers in the heads before those of the events. */
  get LEADING_HEADS() {
    return loadBinary().LEADING_HEADS
  },
  /** Opcodes of frames (RFC 6455, 5.2). */
  get Opcode() {
    return loadBinary().Opcode
  },
  /** Events of a connection that the addon reports; to be added up. */
  get Subscription() {
    return loadBinary().Subscription
  },
  /** Names of the reasons why a client left, by their numbers. */
  get disconnectReasons() {
    disconnectReasons ??= namesOf(loadBinary().DisconnectReason)
    return disconnectReasons
  },
  /** Names of the numbers of each client in the addon's counters, in their order. */
  get clientColumns() {
    clientColumns ??= Object.freeze(loadBinary().clientColumns())
    return clientColumns
  },
  /** Defaults of the options that the addon reads, under the names of the options. */
  get defaults() {
    defaults ??= Object.freeze(loadBinary().defaults())
    return defaults
  },
}

/**
 * The names of an enumeration, in the manner of JavaScript: `clientClosed`.
 *
 * @param {object} enumeration
 * @returns {readonly string[]}
 */
function namesOf(enumeration) {
  const names = []
  for (const [name, value] of Object.entries(enumeration)) {
    if (typeof value === 'number') names[value] = name[0].toLowerCase() + name.slice(1)
  }
  return Object.freeze(names)
}
