'use strict'

/**
 * Limits of the process. What a connection needs is taken before its handshake is answered: a process
 * at its limit of threads or descriptors can still refuse the client then. After the 101 it could
 * only cut it.
 */

/**
 * The resource at its limit, by the code of the error, and how to raise the limit.
 *
 * @type {Record<string, string>}
 */
const SHORTAGES = {
  ERR_NATIVE_WS_THREAD:
    'the system gives no thread (see `ulimit -u`, or the limit of processes of a container)',
  ERR_NATIVE_WS_DESCRIPTORS:
    'no file descriptor is left (see `ulimit -n`; each client takes two, one for Node and one for a thread)',
}

/**
 * Whether the process is at a limit.
 *
 * @param {unknown} error
 */
function isShortage(error) {
  return String(/** @type {any} */ (error)?.code) in SHORTAGES
}

/** Warnings about the limits of the process, one for each. */
class ShortageWarning {
  /** @param {(message: string) => void} warn */
  constructor(warn) {
    this.warn = warn
    /** @type {Set<string>} */
    this.said = new Set()
  }

  /**
   * @param {unknown} error
   * @returns {string} What there is too little of.
   * @throws The error, if it is another.
   */
  explain(error) {
    const { code, message } = /** @type {Error & { code: string }} */ (error)
    const shortage = SHORTAGES[code]
    if (!shortage) throw error
    if (!this.said.has(code)) {
      this.said.add(code)
      this.warn(
        `vite-native-ws: ${shortage}, so clients are refused with 503 until there is: ${message}. ` +
          'They try again by themselves. This is said once.',
      )
    }
    return shortage
  }
}

module.exports = { isShortage, ShortageWarning }
