'use strict'

/** The place in a test from which this package was called; an error that comes later points there. */
class CallSite {
  /** @param {Function} callee What the test has called. */
  constructor(callee) {
    /** @type {{ stack?: string }} */
    this.trace = {}
    Error.captureStackTrace(this.trace, callee)
  }

  /**
   * @template {Error} E
   * @param {E} error
   * @returns {E}
   */
  blame(error) {
    const { stack = '' } = this.trace
    const start = stack.indexOf('\n    at ')
    if (start >= 0) error.stack = `${error.name}: ${error.message}${stack.slice(start)}`
    return error
  }
}

module.exports = { CallSite }
