'use strict'

/**
 * Makes the getters of a class enumerable, as those of the DOM and of `ws` are.
 *
 * @param {object} prototype
 */
function makeGettersEnumerable(prototype) {
  for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (get) Object.defineProperty(prototype, name, { enumerable: true })
  }
}

module.exports = { makeGettersEnumerable }
