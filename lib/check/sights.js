'use strict'

const { randomBytes } = require('node:crypto')
const { parseUrl } = require('../http/access.js')
const { clearTimeout, setTimeout } = require('../timers.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('./page/facts.mjs').Sight} Sight */

/** The parameter by which the requests of a check are known: its number, and a name. */
const PARAMETER = 'vite-native-ws-check'

/** Checks at once, sights of one, and the milliseconds after which one is forgotten. */
const MAX_CHECKS = 16
const MAX_SIGHTS = 64
const LIFETIME_MS = 5 * 60_000
/** Longer headers are cut: they are chosen by the client. */
const MAX_LENGTH = 200

/** What the server sees of the requests of its checks. It holds no token, query or cookie. */
class Sights {
  /** @param {() => void} onIdle There is no check any more. */
  constructor(onIdle) {
    this.onIdle = onIdle
    /** @type {Map<string, { sights: (Sight & { name: string })[], timer: NodeJS.Timeout }>} */
    this.checks = new Map()
    /** @type {WeakMap<IncomingMessage, Sight>} */
    this.known = new WeakMap()
  }

  get isActive() {
    return this.checks.size > 0
  }

  /** @returns {string} What names the check. The oldest one gives way where there are too many. */
  begin() {
    const id = randomBytes(12).toString('base64url')
    const [oldest] = this.checks.keys()
    if (this.checks.size >= MAX_CHECKS && oldest) this.end(oldest)
    const timer = setTimeout(() => this.end(id), LIFETIME_MS)
    timer.unref()
    this.checks.set(id, { sights: [], timer })
    return id
  }

  /** @param {string} id */
  end(id) {
    clearTimeout(this.checks.get(id)?.timer)
    if (this.checks.delete(id) && !this.isActive) this.onIdle()
  }

  /** @param {string} id */
  of(id) {
    return this.checks.get(id)?.sights
  }

  /**
   * A request has come; those of no check are none of ours.
   *
   * @param {IncomingMessage} request
   * @param {Sight['kind']} kind
   */
  note(request, kind) {
    if (!this.isActive || this.known.has(request)) return
    const [id, name = ''] = markOf(request)?.split('.') ?? []
    const check = this.checks.get(id ?? '')
    if (!check || check.sights.length >= MAX_SIGHTS) return
    const sight = { name: cut(name) ?? '', ...describe(request), kind }
    check.sights.push(sight)
    this.known.set(request, sight)
  }

  /**
   * @param {IncomingMessage} request
   * @param {NonNullable<Sight['result']>} result
   * @param {string} [reason]
   */
  settle(request, result, reason) {
    this.note(request, 'upgrade')
    const sight = this.known.get(request)
    if (sight) Object.assign(sight, { result, reason })
  }

  /** @returns {import('../diagnostics/diagnostics.js').Observer} */
  get observer() {
    return {
      onRefused: (request, _reason, detail) => this.settle(request, 'refused', detail),
      onUpgrade: (request) => this.settle(request, 'left'),
      onAttempt: (request) => this.settle(request, 'accepted'),
      onConflict: (request, result, by) => this.settle(request, result, by),
    }
  }
}

/**
 * @param {IncomingMessage} request
 * @returns {string | undefined} Which attempt of which check it is.
 */
function markOf({ url }) {
  if (!url?.includes(PARAMETER)) return undefined
  return parseUrl(url)?.searchParams.get(PARAMETER) ?? undefined
}

/** @param {IncomingMessage} request @returns {Omit<Sight, 'kind'>} */
function describe({ url, headers }) {
  const forwarded = Object.entries(headers)
    .filter(([name]) => /^(x-forwarded-(for|host|port|proto)|forwarded|via)$/.test(name))
    .map(([name, value]) => [name, cut(String(value))])
  return {
    path: cut(parseUrl(url)?.pathname) ?? '',
    host: cut(headers.host ?? String(headers[':authority'] ?? '')) ?? '',
    upgrade: cut(headers.upgrade),
    connection: cut(headers.connection),
    protocol: cut(headers['sec-websocket-protocol']),
    forwarded: Object.fromEntries(forwarded),
  }
}

/** @param {string | undefined} text */
function cut(text) {
  return text?.slice(0, MAX_LENGTH)
}

module.exports = { markOf, PARAMETER, Sights }
