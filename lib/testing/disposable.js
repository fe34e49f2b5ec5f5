'use strict'

/**
 * For `await using`, where the runtime has it: a vm context of Node 20 lacks the symbol.
 *
 * @template {object} T
 * @param {T} target
 * @param {(this: T) => Promise<any>} dispose
 * @returns {T}
 */
function disposable(target, dispose) {
  const { asyncDispose } = Symbol
  if (asyncDispose) Object.defineProperty(target, asyncDispose, { value: dispose })
  return target
}

module.exports = { disposable }
