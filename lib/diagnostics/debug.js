'use strict'

/**
 * Log lines on request, by `DEBUG`, in the form and by the rules of the package `debug`
 * (4.4), which Vite's own `DEBUG=vite:*` follows: names separated by commas or spaces, `*` for any
 * characters, a leading `-` to leave one out. As with Vite, `VITE_DEBUG_FILTER` keeps only the lines
 * that contain it.
 */

/** Of the 16 colours of a terminal, those that `debug` uses. */
const COLORS = [6, 2, 3, 4, 5, 1]

/**
 * @param {string} namespace
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {((line: string) => void) | undefined} Undefined where nobody has asked for it.
 */
function createDebug(namespace, env = process.env) {
  if (!isEnabled(namespace, env.DEBUG ?? '')) return undefined
  const filter = env.VITE_DEBUG_FILTER
  let last = Date.now()
  return (line) => {
    if (filter && !line.includes(filter)) return
    const now = Date.now()
    process.stderr.write(`${format(namespace, line, now, now - last, env)}\n`)
    last = now
  }
}

/**
 * @param {string} namespace
 * @param {string} patterns The value of `DEBUG`.
 */
function isEnabled(namespace, patterns) {
  const names = patterns.split(/[\s,]+/).filter(Boolean)
  const isMatch = (/** @type {string} */ pattern) => toRegExp(pattern).test(namespace)
  if (names.some((name) => name.startsWith('-') && isMatch(name.slice(1)))) return false
  return names.some((name) => !name.startsWith('-') && isMatch(name))
}

/** @param {string} pattern */
function toRegExp(pattern) {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}

/**
 * @param {string} namespace
 * @param {string} line
 * @param {number} now
 * @param {number} elapsed Milliseconds since the line before.
 * @param {NodeJS.ProcessEnv} env
 */
function format(namespace, line, now, elapsed, env) {
  if (!isColorWanted(env)) {
    const date = env.DEBUG_HIDE_DATE ? '' : `${new Date(now).toISOString()} `
    return `${date}${namespace} ${line}`
  }
  const sum = [...namespace].reduce((total, character) => total + character.charCodeAt(0), 0)
  const color = `\x1b[3${COLORS[sum % COLORS.length]}`
  return `  ${color};1m${namespace} \x1b[0m${line} ${color}m+${humanize(elapsed)}\x1b[0m`
}

/** @param {NodeJS.ProcessEnv} env */
function isColorWanted({ DEBUG_COLORS }) {
  if (DEBUG_COLORS === undefined) return Boolean(process.stderr.isTTY)
  return !/^(no|off|false|disabled|0)$/i.test(DEBUG_COLORS)
}

/** @param {number} milliseconds */
function humanize(milliseconds) {
  if (milliseconds < 1000) return `${milliseconds}ms`
  if (milliseconds < 60_000) return `${Math.round(milliseconds / 1000)}s`
  return `${Math.round(milliseconds / 60_000)}m`
}

module.exports = { createDebug, isEnabled }
