'use strict'

const { loggerOf } = require('../logger.js')
const { PARAMETER, Sights } = require('./sights.js')
const { UnconnectedPages } = require('./unconnected-pages.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../diagnostics/diagnostics.js').Diagnostics} Diagnostics */
/** @typedef {import('./page/facts.mjs').ServerFacts} ServerFacts */

/** The modules of the page; the terminal shares most of them. */
const MODULES = ['attempts', 'browser', 'causes', 'check', 'client-settings', 'diagnosis']
MODULES.push('examination', 'remedies', 'report', 'seen', 'unseen')
const FILES = ['index.html', 'check.css', ...MODULES.map((name) => `${name}.mjs`)]

/** Connection checks of one dev server. */
class Checks {
  /**
   * @param {object} options
   * @param {Diagnostics} options.diagnostics
   * @param {string | undefined} options.viteVersion
   * @param {any} options.config Vite's.
   */
  constructor({ diagnostics, viteVersion = 'unknown', config }) {
    this.diagnostics = diagnostics
    this.viteVersion = viteVersion
    this.config = config
    this.sights = new Sights(() => this.unwatch())
    this.observer = this.sights.observer
    this.isWatching = false
    const { warn } = loggerOf(config)
    this.pages = new UnconnectedPages({ base: config.base ?? '/', diagnostics, warn })
    this.onRequest = this.onRequest.bind(this)
  }

  /**
   * @param {string} name What stands behind `/__ws/check/`.
   * @param {IncomingMessage} request
   * @returns {object | undefined} What is known, as JSON has it.
   */
  answer(name, request) {
    if (name === 'begin') return this.begin(request)
    const [, id] = /^seen\/([\w-]+)$/.exec(name) ?? []
    return id ? this.sights.of(id) : undefined
  }

  /** @param {IncomingMessage} request */
  begin(request) {
    this.watch()
    const id = this.sights.begin()
    return { id, parameter: PARAMETER, server: this.facts(request) }
  }

  watch() {
    if (this.isWatching) return
    this.isWatching = true
    this.diagnostics.watch(this.observer)
    // A port of the socket's own answers all else itself.
    this.diagnostics.endpoint?.own?.on('request', this.onRequest)
  }

  unwatch() {
    this.isWatching = false
    this.diagnostics.unwatch(this.observer)
    this.diagnostics.endpoint?.own?.off('request', this.onRequest)
  }

  /**
   * A request that is no upgrade has come to the dev server.
   *
   * @param {IncomingMessage} request
   */
  onRequest(request) {
    this.pages.onRequest(request)
    this.sights.note(request, 'request')
  }

  /**
   * @param {IncomingMessage} request
   * @returns {ServerFacts}
   */
  facts({ socket }) {
    const { endpoint } = this.diagnostics
    const { base, server } = this.config
    const own = endpoint?.own
    return {
      vite: this.viteVersion,
      option: endpoint?.option ?? 'ws',
      base,
      path: endpoint?.path ?? base,
      port: socket.localPort ?? null,
      ownPort: own ? Number(endpoint?.port) : null,
      isOpen: own ? own.listening : true,
      isMiddleware: Boolean(server.middlewareMode),
      keepalive: endpoint?.keepalive ?? 0,
    }
  }
}

module.exports = { Checks, FILES }
