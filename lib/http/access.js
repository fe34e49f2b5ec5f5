'use strict'

const { timingSafeEqual } = require('node:crypto')
const { URL } = require('node:url')
const { isIP } = require('node:net')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/**
 * Rules of who may open a WebSocket.
 *
 * @typedef {object} AccessRules
 * @property {true | readonly string[]} allowedHosts
 * @property {boolean} allowMissingHost
 * @property {boolean} skipTokenCheck
 * @property {string | undefined} token
 * @property {boolean} ping Whether `vite-ping` is let in from anywhere.
 */

const FILE_OR_EXTENSION = /^(?:file|.+-extension):/i

/**
 * The reason why a request may not become a WebSocket (Vite 8.3 `ws.ts`, `shouldHandle`): any ping may;
 * otherwise it takes an allowed host, and the token if the request names an origin.
 *
 * @param {IncomingMessage} request
 * @param {AccessRules} access
 * @returns {'host' | 'token' | undefined} Undefined if it may.
 */
function refusalOf(request, access) {
  const { headers } = request
  if (access.ping && headers['sec-websocket-protocol'] === 'vite-ping') return undefined
  if (!isHostAllowed(headers.host, access)) return 'host'
  if (access.skipTokenCheck || !headers.origin) return undefined
  return hasToken(request.url, access.token) ? undefined : 'token'
}

/**
 * Keeps DNS rebinding out (CVE-2025-24010): a host is a local name, an address, or in the list.
 *
 * @param {string | undefined} host The Host header.
 * @param {AccessRules} access
 */
function isHostAllowed(host, { allowedHosts, allowMissingHost }) {
  if (!host && !allowMissingHost) return false
  if (allowedHosts === true || host === undefined || FILE_OR_EXTENSION.test(host)) return true
  const trimmed = host.trim()
  if (trimmed.startsWith('[')) {
    const end = trimmed.indexOf(']')
    return end > 0 && isIP(trimmed.slice(1, end)) === 6
  }
  const hostname = trimmed.split(':', 1)[0]
  if (isIP(hostname) === 4) return true
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true
  return allowedHosts.some((allowed) =>
    allowed.startsWith('.')
      ? hostname === allowed.slice(1) || hostname.endsWith(allowed)
      : hostname === allowed,
  )
}

/**
 * @param {string | undefined} url
 * @param {string | undefined} expected
 */
function hasToken(url, expected) {
  const given = parseUrl(url)?.searchParams.get('token')
  if (!given || !expected) return false
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** @type {{ url: string | undefined, parsed: Readonly<URL> | undefined }} The target parsed last. */
const last = { url: undefined, parsed: undefined }

/**
 * A request's target. Several ask for that of one request, and all pages of a server have the same.
 *
 * @param {string | undefined} url
 * @returns {Readonly<URL> | undefined} Undefined where Vite's `new URL` would throw.
 */
function parseUrl(url) {
  if (url === undefined || url !== last.url) {
    const target = `http://example.com${url}`
    last.parsed = URL.canParse(target) ? new URL(target) : undefined
    last.url = url
  }
  return last.parsed
}

module.exports = { isHostAllowed, parseUrl, refusalOf }
