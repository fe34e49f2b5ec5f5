'use strict'

/**
 * Node's own timers and clock, under their own names. Test runners put others in the place of the
 * globals: fake ones, a DOM's, or none. A server goes on beside them, since its clients do.
 */

const { performance } = require('node:perf_hooks')
const timers = require('node:timers')

/**
 * The real function behind a fake one of `@sinonjs/fake-timers`, which Vitest, Jest and sinon use:
 * where it was installed before this module was loaded, Node's modules have its functions too.
 *
 * @template {Function} F
 * @param {string} name
 * @param {F} candidate
 * @returns {F}
 */
function real(name, candidate) {
  return /** @type {any} */ (candidate).clock?.[`_${name}`] ?? candidate
}

const setTimeout = real('setTimeout', timers.setTimeout)
/** It is faked as a property of its object. */
const { now } = Object.getPrototypeOf(performance)

module.exports = {
  clearInterval: real('clearInterval', timers.clearInterval),
  clearTimeout: real('clearTimeout', timers.clearTimeout),
  nextTick: real('nextTick', process.nextTick),
  setImmediate: real('setImmediate', timers.setImmediate),
  setInterval: real('setInterval', timers.setInterval),
  setTimeout,
  /** Milliseconds by a clock that is never set. */
  now: () => /** @type {number} */ (Reflect.apply(now, performance, [])),
  /** Whether others stand in the place of the global timers, such as fake ones. */
  isReplaced: () => globalThis.setTimeout !== setTimeout,
}
