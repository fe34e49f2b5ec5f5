'use strict'

const PLACE = '__ws'

/**
 * The path of the inspector, without a slash at its end.
 *
 * @param {string} [base] Of the dev server.
 */
function pathOf(base = '/') {
  return `${base.endsWith('/') ? base : `${base}/`}${PLACE}`
}

module.exports = { pathOf }
