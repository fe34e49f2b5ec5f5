'use strict'

/** @typedef {{ error(message: string, options?: object): void, warn(message: string): void }} Logger */

/**
 * Vite's logger, or the console where there is none.
 *
 * @param {{ logger?: Partial<Logger> }} config
 * @returns {Logger}
 */
function loggerOf({ logger }) {
  return {
    error: (message, options) =>
      logger?.error ? logger.error(message, options) : console.error(message),
    warn: (message) => (logger?.warn ? logger.warn(message) : console.warn(message)),
  }
}

/**
 * Red where Vite's own messages are red (picocolors' rule).
 *
 * @param {string} text
 */
function red(text) {
  return isColorSupported() ? `\x1b[31m${text}\x1b[39m` : text
}

function isColorSupported() {
  const { argv, env, platform, stdout } = process
  if (env.NO_COLOR || argv.includes('--no-color')) return false
  if (env.FORCE_COLOR || argv.includes('--color') || platform === 'win32') return true
  return Boolean((stdout?.isTTY && env.TERM !== 'dumb') || env.CI)
}

module.exports = { loggerOf, red }
