'use strict'

/**
 * Resources of a connection, taken before its handshake is answered: a process at its limit of threads
 * or descriptors can still refuse the client then. After the 101 it could only cut it.
 */

/** @typedef {import('../native/native.js').NativeServer} NativeServer */

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
 * @param {NativeServer} native
 * @param {number} fd The descriptor of a socket that is to be taken over.
 * @returns {boolean} False if it cannot be.
 * @throws {Error} `ERR_NATIVE_WS_THREAD` or `ERR_NATIVE_WS_DESCRIPTORS`.
 */
function reserve(native, fd) {
  try {
    native.reserve(fd)
    return true
  } catch (error) {
    if (/** @type {any} */ (error).code !== 'ERR_NATIVE_WS_NOT_ADOPTABLE') throw error
    return false
  }
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

module.exports = { ShortageWarning, reserve }
