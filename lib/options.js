'use strict'

const { invalidArgument } = require('./errors.js')

/**
 * @typedef {object} ReconnectOptions
 * @property {boolean} [customEvents]
 * @property {number} [maxMessages]
 * @property {number} [maxBytes]
 * @property {number} [maxAge]
 */
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
 * @property {boolean | ReconnectOptions} [reconnect]
 * @property {string} [viteVersion]
 * @property {boolean} [inspector]
 * @property {number} [inspectorMessages]
 * @property {number} [inspectorBytes]
 * @property {number} [inspectorPayload]
 * @property {boolean} [metrics]
 */

/** @typedef {{ expected: string, isValid(value: any): boolean }} Rule */

/** @type {Record<keyof ReconnectOptions, Rule>} */
const RECONNECT_RULES = {
  customEvents: trueOrFalse(),
  maxMessages: numberUpTo(2 ** 31 - 1, 'a number of messages'),
  maxBytes: bytes(),
  maxAge: milliseconds(),
}

/** @type {Record<keyof NativeWsOptions, Rule>} */
const RULES = {
  transport: oneOf('auto', 'bridge'),
  keepalive: milliseconds(),
  maxPayload: bytes(),
  closeTimeout: milliseconds(),
  highWaterMark: bytes(),
  lowWaterMark: bytes(),
  overflow: oneOf('reload', 'close', 'keep'),
  maxClients: numberUpTo(2 ** 31 - 1, 'a number of clients'),
  retain: trueOrFalse(),
  unclaimedTimeout: milliseconds(),
  reconnect: {
    expected: 'true, false or an object',
    isValid: (value) => typeof value === 'boolean' || (typeof value === 'object' && value !== null),
  },
  viteVersion: {
    expected: 'a version such as "8.3.8"',
    isValid: (value) => /^\d+\.\d+/.test(value),
  },
  inspector: trueOrFalse(),
  inspectorMessages: numberUpTo(1_000_000, 'a number of messages, up to 1000000'),
  inspectorBytes: bytes(),
  inspectorPayload: numberUpTo(2 ** 31 - 1, 'a number of bytes, up to 2147483647'),
  metrics: trueOrFalse(),
}

/**
 * @param {NativeWsOptions} [options]
 * @returns {Readonly<NativeWsOptions>} The options that were given, checked.
 * @throws {TypeError} `ERR_NATIVE_WS_INVALID_ARG`, naming the option.
 */
function readOptions(options = {}) {
  expectOptions(options, RULES, 'options', '')
  const { reconnect } = options
  if (typeof reconnect === 'object') {
    expectOptions(reconnect, RECONNECT_RULES, 'option "reconnect"', 'reconnect.')
  }
  const { highWaterMark, lowWaterMark } = options
  if (highWaterMark !== undefined && lowWaterMark !== undefined && lowWaterMark > highWaterMark) {
    throw invalidArgument('option "lowWaterMark"', 'at most highWaterMark', lowWaterMark)
  }
  return Object.freeze({ ...options })
}

/**
 * @param {object} options
 * @param {Record<string, Rule>} rules
 * @param {string} name What the options are called in an error.
 * @param {string} prefix Stands before the name of each.
 */
function expectOptions(options, rules, name, prefix) {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument(name, 'an object', options)
  }
  for (const [key, value] of Object.entries(options)) {
    const option = `option "${prefix}${key}"`
    if (!Object.hasOwn(rules, key)) {
      throw invalidArgument(option, `one of ${Object.keys(rules).join(', ')}`, value)
    }
    const { isValid, expected } = rules[key]
    if (value !== undefined && !isValid(value)) throw invalidArgument(option, expected, value)
  }
}

/**
 * What the addon is told.
 *
 * @param {Readonly<NativeWsOptions>} options
 * @returns {import('./native/native.js').ServerOptions}
 */
function nativeOptions({ reconnect, ...options }) {
  const { maxMessages, maxBytes, maxAge } = typeof reconnect === 'object' ? reconnect : {}
  return {
    ...options,
    journalMessages: maxMessages,
    journalBytes: maxBytes,
    journalAge: maxAge,
  }
}

/** Whether every connection goes over the bridge. @param {NativeWsOptions} options */
function isBridgeForced({ transport }) {
  return transport === 'bridge' || process.env.VITE_NATIVE_WS_TRANSPORT === 'bridge'
}

/** Whether the environment asks for Vite's own server. */
function isSwitchedOff() {
  return process.env.VITE_NATIVE_WS === 'off'
}

function trueOrFalse() {
  return {
    expected: 'true or false',
    isValid: (/** @type {any} */ value) => typeof value === 'boolean',
  }
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

module.exports = { isBridgeForced, isSwitchedOff, nativeOptions, readOptions }
