'use strict'

const { invalidArgument } = require('./errors.js')

/**
 * Options of this package, beside Vite's own; documented in `index.d.ts`.
 *
 * @typedef {object} NativeWsOptions
 * @property {'auto' | 'bridge'} [transport]
 * @property {number} [keepalive]
 * @property {number} [maxPayload]
 * @property {number} [closeTimeout]
 * @property {number} [highWaterMark]
 * @property {number} [lowWaterMark]
 * @property {'reload' | 'close' | 'keep'} [overflow]
 * @property {number} [maxClients]
 * @property {boolean} [retain]
 * @property {number} [unclaimedTimeout]
 * @property {string} [viteVersion]
 * @property {boolean} [inspector]
 * @property {number} [inspectorMessages]
 * @property {number} [inspectorBytes]
 * @property {number} [inspectorPayload]
 * @property {boolean} [metrics]
 */

/** @type {Record<keyof NativeWsOptions, { expected: string, isValid(value: any): boolean }>} */
const RULES = {
  transport: oneOf('auto', 'bridge'),
  keepalive: milliseconds(),
  maxPayload: bytes(),
  closeTimeout: milliseconds(),
  highWaterMark: bytes(),
  lowWaterMark: bytes(),
  overflow: oneOf('reload', 'close', 'keep'),
  maxClients: numberUpTo(2 ** 31 - 1, 'a number of clients'),
  retain: flag(),
  unclaimedTimeout: milliseconds(),
  viteVersion: {
    expected: 'a version such as "8.3.8"',
    isValid: (value) => /^\d+\.\d+/.test(value),
  },
  inspector: flag(),
  inspectorMessages: numberUpTo(1_000_000, 'a number of messages, up to 1000000'),
  inspectorBytes: bytes(),
  inspectorPayload: numberUpTo(2 ** 31 - 1, 'a number of bytes, up to 2147483647'),
  metrics: flag(),
}

/**
 * @param {NativeWsOptions} [options]
 * @returns {Readonly<NativeWsOptions>} The options that were given, checked.
 * @throws {TypeError} `ERR_NATIVE_WS_INVALID_ARG`, naming the option.
 */
function readOptions(options = {}) {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument('options', 'an object', options)
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(RULES, name)) {
      throw invalidArgument(`option "${name}"`, `one of ${Object.keys(RULES).join(', ')}`, value)
    }
    const rule = RULES[/** @type {keyof NativeWsOptions} */ (name)]
    if (value !== undefined && !rule.isValid(value)) {
      throw invalidArgument(`option "${name}"`, rule.expected, value)
    }
  }
  const { highWaterMark, lowWaterMark } = options
  if (highWaterMark !== undefined && lowWaterMark !== undefined && lowWaterMark > highWaterMark) {
    throw invalidArgument('option "lowWaterMark"', 'at most highWaterMark', lowWaterMark)
  }
  return Object.freeze({ ...options })
}

/** Whether every connection goes over the bridge. @param {NativeWsOptions} options */
function isBridgeForced({ transport }) {
  return transport === 'bridge' || process.env.VITE_NATIVE_WS_TRANSPORT === 'bridge'
}

/** Whether the environment asks for Vite's own server. */
function isSwitchedOff() {
  return process.env.VITE_NATIVE_WS === 'off'
}

function flag() {
  return { expected: 'true or false', isValid: (/** @type {any} */ it) => typeof it === 'boolean' }
}

function milliseconds() {
  return numberUpTo(2 ** 31 - 1, 'a number of milliseconds, 0 to 2147483647')
}

function bytes() {
  return numberUpTo(Number.MAX_SAFE_INTEGER, 'a number of bytes')
}

/**
 * @param {number} most
 * @param {string} expected
 */
function numberUpTo(most, expected) {
  const isValid = (/** @type {any} */ value) =>
    Number.isInteger(value) && value >= 0 && value <= most
  return { expected, isValid }
}

/** @param {string[]} values */
function oneOf(...values) {
  const expected = values.map((value) => JSON.stringify(value)).join(' or ')
  return { expected, isValid: (/** @type {any} */ value) => values.includes(value) }
}

module.exports = { isBridgeForced, isSwitchedOff, readOptions }
