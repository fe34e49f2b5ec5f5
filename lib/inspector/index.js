'use strict'

const { randomBytes } = require('node:crypto')
const { readFileSync } = require('node:fs')
const http = require('node:http')
const { join } = require('node:path')
const { hasToken, isAllowed } = require('./access.js')
const { Checks, FILES: CHECK_FILES } = require('../check/index.js')
const { Feed } = require('./feed.js')
const { toPrometheus } = require('./metrics.js')
const { pathOf } = require('./path.js')
const { Recorder } = require('./recorder.js')
const { inspectorOptions } = require('../options.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */
/** @typedef {import('../diagnostics/diagnostics.js').Diagnostics} Diagnostics */
/** @typedef {import('../options.js').NativeWsOptions} NativeWsOptions */

const TOKEN_MARK = '%TOKEN%'
const TYPES = { html: 'text/html', css: 'text/css', mjs: 'text/javascript' }

/** The files of the page. No other is ever read. */
const FILES = new Map([
  ['', ['index.html', 'text/html']],
  ['page.css', ['page.css', 'text/css']],
  ...[
    'announcer.mjs',
    'chart.mjs',
    'format.mjs',
    'page.mjs',
    'report.mjs',
    'rows.mjs',
    'show.mjs',
    'stream.mjs',
  ].map((name) => /** @type {[string, string[]]} */ ([name, [name, 'text/javascript']])),
])

/**
 * No other origin may frame the page or read it, nobody caches it, and it asks nobody else. Its own
 * origin may: Vite DevTools shows it in a frame.
 */
const HEADERS = {
  'Cache-Control': 'no-store, no-transform',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** The page of the connection check tries sockets at other addresses too. */
const CHECK_HEADERS = {
  ...HEADERS,
  'Content-Security-Policy': HEADERS['Content-Security-Policy'].replace(
    "connect-src 'self'",
    "connect-src 'self' ws: wss:",
  ),
}

/** Of a stream that proxies are to hand on as it comes. */
const STREAM_HEADERS = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }

/**
 * Serves `/__ws` under the dev server's base, behind the middlewares that were added before.
 *
 * @param {any} server The `ViteDevServer`.
 * @param {Diagnostics} diagnostics
 * @param {Readonly<NativeWsOptions>} options
 * @param {string} [viteVersion]
 */
function serveInspector(server, diagnostics, options, viteVersion) {
  const { middlewares, config } = server
  if (options.inspector === false || !middlewares) return
  const handle = createInspector({ config, diagnostics, options, viteVersion })
  middlewares.use(handle)
}

/**
 * @param {object} of
 * @param {any} of.config Vite's.
 * @param {Diagnostics} of.diagnostics
 * @param {Readonly<NativeWsOptions>} of.options
 * @param {string} [of.viteVersion]
 * @returns {(request: IncomingMessage, response: ServerResponse, next: () => void) => void}
 */
function createInspector({ config, diagnostics, options, viteVersion }) {
  const settings = inspectorOptions(options)
  const checks = new Checks({ config, diagnostics, viteVersion })
  const root = pathOf(config.base)
  const token = randomBytes(24).toString('base64url')
  /** @type {{ recorder: Recorder, feed: Feed } | undefined} Made for the first page. */
  let live

  function start() {
    const secrets = [token, diagnostics.access?.token].filter((secret) => secret !== undefined)
    const recorder = new Recorder({
      messages: settings.messages,
      bytes: settings.bytes,
      payload: settings.payload,
      secrets,
    })
    const about = aboutThis(options, viteVersion)
    live = { recorder, feed: new Feed({ diagnostics, recorder, about }) }
    return live
  }

  /**
   * @param {string} name What stands behind `/__ws/`.
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  function answer(name, request, response) {
    if (name === 'metrics' && settings.metrics) {
      return reply(response, 'text/plain; version=0.0.4', toPrometheus(diagnostics.stats()))
    }
    if (name === 'feed') {
      if (!hasToken(request, token)) return fail(request, response, 400)
      response.writeHead(200, { ...HEADERS, ...STREAM_HEADERS })
      return (live ?? start()).feed.add(response)
    }
    if (name.startsWith('payload/')) {
      if (!hasToken(request, token)) return fail(request, response, 400)
      const entry = live?.recorder.ring.get(Number(name.slice('payload/'.length)))
      if (!entry?.payload) return fail(request, response, 404)
      const { payload, size, isCut } = entry
      return reply(
        response,
        'application/json',
        JSON.stringify({ text: `${payload}`, size, isCut }),
      )
    }
    if (name.startsWith('check/')) return answerCheck(name.slice(6), request, response)
    const [file, type] = FILES.get(name) ?? []
    if (!file || !type) return fail(request, response, 404)
    const text = readFileSync(join(__dirname, 'page', file), 'utf8')
    reply(response, type, file === 'index.html' ? text.replace(TOKEN_MARK, token) : text)
  }

  /**
   * @param {string} name What stands behind `/__ws/check/`.
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  function answerCheck(name, request, response) {
    const file = name || 'index.html'
    if (CHECK_FILES.includes(file)) {
      const text = readFileSync(join(__dirname, '../check/page', file), 'utf8')
      const type = TYPES[/** @type {keyof TYPES} */ (file.slice(file.lastIndexOf('.') + 1))]
      return reply(response, type, text.replace(TOKEN_MARK, token), CHECK_HEADERS)
    }
    if (!hasToken(request, token)) return fail(request, response, 400)
    const known = checks.answer(name, request)
    if (!known) return fail(request, response, 404)
    reply(response, 'application/json', JSON.stringify(known))
  }

  return function viteNativeWsInspector(request, response, next) {
    const { url = '', method } = request
    checks.onRequest(request)
    if (!url.startsWith(root)) return next()
    const path = url.split('?', 1)[0]
    if (path !== root && !path.startsWith(`${root}/`)) return next()
    // Vite's own, for an application's files.
    response.removeHeader('Access-Control-Allow-Origin')
    if (!diagnostics.access || !isAllowed(request, diagnostics.access)) {
      return fail(request, response, 400)
    }
    if (method !== 'GET') return fail(request, response, 405)
    const name = path.slice(root.length + 1)
    if (path !== root && name !== 'check') return answer(name, request, response)
    const place = path.slice(path.lastIndexOf('/') + 1)
    response.writeHead(302, { ...HEADERS, Location: `${place}/` }).end()
  }
}

/**
 * @param {Readonly<NativeWsOptions>} options
 * @param {string} [viteVersion]
 */
function aboutThis(options, viteVersion) {
  const { version } = require('../../package.json')
  const { platform, arch, version: node } = process
  return { version, vite: viteVersion ?? 'unknown', node, platform: `${platform} ${arch}`, options }
}

/**
 * @param {ServerResponse} response
 * @param {string} type
 * @param {string} text
 */
function reply(response, type, text, headers = HEADERS) {
  const isBare = type.includes(';') || type === 'application/json'
  const contentType = isBare ? type : `${type}; charset=utf-8`
  response.writeHead(200, { ...headers, 'Content-Type': contentType }).end(text)
}

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {number} status
 */
function fail({ httpVersionMajor }, response, status) {
  const connection = httpVersionMajor < 2 ? { Connection: 'close' } : {}
  response.writeHead(status, { ...HEADERS, ...connection, 'Content-Type': 'text/html' })
  response.end(http.STATUS_CODES[status])
}

module.exports = { serveInspector }
