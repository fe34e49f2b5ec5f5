'use strict'

/**
 * Errors of this package that its users can act on. Codes are listed in `docs/errors.md`.
 *
 * @template {ErrorConstructor} E
 * @param {E} Constructor
 * @param {string} code
 * @param {string} message Says what is wrong and what to do.
 * @returns {Error & { code: string }}
 */
function codedError(Constructor, code, message) {
  return Object.assign(new Constructor(message), { code })
}

/**
 * @param {string} name What was given, as the caller knows it.
 * @param {string} expected
 * @param {unknown} actual
 * @returns {TypeError & { code: string }}
 */
function invalidArgument(name, expected, actual) {
  const message = `vite-native-ws: ${name} must be ${expected}; it is ${describe(actual)}.`
  return codedError(TypeError, 'ERR_NATIVE_WS_INVALID_ARG', message)
}

/** @param {unknown} value */
function describe(value) {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80))
  if (typeof value === 'object') return `an object (${value.constructor?.name ?? 'no prototype'})`
  return `${typeof value} ${String(value).slice(0, 80)}`
}

module.exports = { codedError, invalidArgument }
