'use strict'

const { codedError, invalidArgument } = require('./errors.js')
const constants = require('./native/constants.js')

/** @typedef {import('../index.js').NativeWsOptions} NativeWsOptions */
/** @typedef {import('../index.js').ReconnectOptions} ReconnectOptions */
/** @typedef {import('../index.js').InspectorOptions} InspectorOptions */
/** @typedef {{ expected: string, isValid(value: any): boolean }} Rule */

/** Defaults of the options that JavaScript alone reads; the addon exports all others. */
const DEFAULTS = Object.freeze({
  transport: 'auto',
  retain: false,
  unclaimedTimeout: 0,
  reconnect: { customEvents: true },
  inspector: { messages: 1000, bytes: 8 * 1024 * 1024, payload: 16 * 1024, metrics: false },
})

/**
 * The names of all options, or of the members of one.
 *
 * @param {keyof GROUPS} [group]
 */
function optionNames(group) {
  return Object.keys(group ? GROUPS[group] : RULES)
}

/** The defaults of all options that have one, those of the addon among them. */
function defaultOptions() {
  const { defaults } = constants
  return { ...defaults, ...DEFAULTS, reconnect: { ...defaults.reconnect, ...DEFAULTS.reconnect } }
}

/** @type {Record<keyof ReconnectOptions, Rule>} */
const RECONNECT_RULES = {
  customEvents: trueOrFalse(),
  maxMessages: numberUpTo(2 ** 31 - 1, 'a whole number of messages'),
  maxBytes: bytes(),
  maxAge: milliseconds(),
}

/** @type {Record<keyof InspectorOptions, Rule>} */
const INSPECTOR_RULES = {
  messages: numberUpTo(1_000_000, 'a whole number of messages, up to 1000000'),
  bytes: bytes(),
  payload: numberUpTo(2 ** 31 - 1, 'a whole number of bytes, up to 2147483647'),
  metrics: trueOrFalse(),
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
  maxClients: numberUpTo(2 ** 31 - 1, 'a whole number of clients'),
  retain: trueOrFalse(),
  unclaimedTimeout: milliseconds(),
  reconnect: switchOrObject(),
  viteVersion: {
    expected: 'a version such as "8.3.8"',
    isValid: (value) => /^\d+\.\d+/.test(value),
  },
  inspector: switchOrObject(),
}

/** Options that are objects, by name, with the rules of their members. */
const GROUPS = { reconnect: RECONNECT_RULES, inspector: INSPECTOR_RULES }

/** Values of environment variables; an empty one is as none. */
const ENVIRONMENT = { VITE_NATIVE_WS: ['on', 'off'], VITE_NATIVE_WS_TRANSPORT: ['auto', 'bridge'] }

/**
 * @param {NativeWsOptions} [options]
 * @returns {Readonly<NativeWsOptions>} The options that were given, checked.
 * @throws {TypeError} `ERR_NATIVE_WS_INVALID_ARG`, naming the option.
 */
function readOptions(options = {}) {
  expectOptions(options, RULES, 'options', '')
  for (const [name, rules] of Object.entries(GROUPS)) {
    const value = options[/** @type {keyof GROUPS} */ (name)]
    if (typeof value === 'object') expectOptions(value, rules, `option "${name}"`, `${name}.`)
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
  const unknown = Object.keys(options).filter((key) => !Object.hasOwn(rules, key))
  if (unknown.length > 0) throw unknownOptions(unknown, rules, prefix)
  for (const [key, value] of Object.entries(options)) {
    const option = `option "${prefix}${key}"`
    const { isValid, expected } = rules[key]
    if (value !== undefined && !isValid(value)) throw invalidArgument(option, expected, value)
  }
}

/**
 * @param {string[]} unknown
 * @param {Record<string, Rule>} rules
 * @param {string} prefix
 */
function unknownOptions(unknown, rules, prefix) {
  const which = unknown.map((key) => `"${prefix}${key}"`).join(', ')
  const known = Object.keys(rules).map((key) => prefix + key)
  return codedError(
    TypeError,
    'ERR_NATIVE_WS_INVALID_ARG',
    `vite-native-ws: there is no option ${which}; there are ${known.join(', ')}.`,
  )
}

/**
 * The options of the addon.
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

/** @param {Readonly<NativeWsOptions>} options @returns {Required<InspectorOptions>} */
function inspectorOptions({ inspector }) {
  return { ...DEFAULTS.inspector, ...(typeof inspector === 'object' ? inspector : {}) }
}

/**
 * How pages come back, with the defaults.
 *
 * @param {Readonly<NativeWsOptions>} options
 */
function reconnectOptions({ reconnect = true }) {
  const defaults = defaultOptions().reconnect
  const { customEvents = defaults.customEvents, maxAge = defaults.maxAge } =
    typeof reconnect === 'object' ? reconnect : {}
  return { canResume: reconnect !== false, replaysEvents: customEvents, maxAge }
}

/** Whether every connection goes over the bridge. @param {NativeWsOptions} options */
function isBridgeForced({ transport }) {
  return transport === 'bridge' || process.env.VITE_NATIVE_WS_TRANSPORT === 'bridge'
}

/** Whether the environment asks for Vite's own server. */
function isSwitchedOff() {
  return process.env.VITE_NATIVE_WS === 'off'
}

/** What the environment says and nobody understands, a sentence for each variable. */
function environmentProblems() {
  return Object.entries(ENVIRONMENT).flatMap(([name, values]) => {
    const value = process.env[name]
    if (!value || values.includes(value)) return []
    const { expected } = oneOf(...values)
    return `vite-native-ws: ${name} must be ${expected}; it is ${JSON.stringify(value)}, and is ignored.`
  })
}

function switchOrObject() {
  return {
    expected: 'true, false or an object',
    isValid: (/** @type {any} */ value) =>
      typeof value === 'boolean' || (typeof value === 'object' && value !== null),
  }
}

function trueOrFalse() {
  return {
    expected: 'true or false',
    isValid: (/** @type {any} */ value) => typeof value === 'boolean',
  }
}

function milliseconds() {
  return numberUpTo(2 ** 31 - 1, 'a whole number of milliseconds, 0 to 2147483647')
}

function bytes() {
  return numberUpTo(Number.MAX_SAFE_INTEGER, 'a whole number of bytes')
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

module.exports = {
  defaultOptions,
  environmentProblems,
  inspectorOptions,
  isBridgeForced,
  isSwitchedOff,
  nativeOptions,
  optionNames,
  readOptions,
  reconnectOptions,
}
