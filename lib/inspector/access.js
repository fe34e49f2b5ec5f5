'use strict'

const { timingSafeEqual } = require('node:crypto')
const { isHostAllowed } = require('../http/access.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../http/access.js').AccessRules} AccessRules */

/** The header in which the page gives its token: other sites cannot send it without being asked. */
const TOKEN_HEADER = 'x-vite-native-ws-token'

/** Values by which a browser marks a request that another site caused (Fetch Metadata). */
const FOREIGN_SITES = ['cross-site', 'same-site']

/**
 * Whether the inspector answers a request: the Host has to be allowed, as for the socket, and no
 * other origin may be behind it. Programs name no origin.
 *
 * @param {IncomingMessage} request
 * @param {AccessRules} access
 */
function isAllowed({ headers }, access) {
  const host = headers.host ?? /** @type {string | undefined} */ (headers[':authority'])
  if (!isHostAllowed(host, access)) return false
  if (FOREIGN_SITES.includes(String(headers['sec-fetch-site']))) return false
  return headers.origin === undefined || isSameHost(headers.origin, host)
}

/**
 * @param {string} origin
 * @param {string | undefined} host
 */
function isSameHost(origin, host) {
  if (!host || !URL.canParse(origin)) return false
  const { protocol, host: expected } = new URL(origin)
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === expected
}

/**
 * @param {IncomingMessage} request
 * @param {string} expected
 */
function hasToken({ headers }, expected) {
  const [given, wanted] = [Buffer.from(String(headers[TOKEN_HEADER] ?? '')), Buffer.from(expected)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

module.exports = { hasToken, isAllowed }
