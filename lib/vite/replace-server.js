'use strict'

const { DeferredHttpServer } = require('./deferred-http-server.js')
const { readHttpsOptions } = require('./config.js')
const { createServerForVersion } = require('./server.js')
const { Diagnostics } = require('../diagnostics/diagnostics.js')
const { UpdateHistory } = require('../reconnect/update-history.js')

/** @typedef {import('./version.js').VersionTraits} VersionTraits */
/** @typedef {import('../options.js').NativeWsOptions} NativeWsOptions */

/** Says that a server of this package, or of another copy of it, stands behind an object. */
const kEngine = Symbol.for('vite-native-ws.engine')

/** Our server in the place of one Vite server's own. */
class ServerReplacement {
  /**
   * @param {object} options
   * @param {any} options.config
   * @param {Readonly<NativeWsOptions>} options.options
   * @param {Readonly<VersionTraits>} options.traits
   * @param {import('../logger.js').Logger} options.logger
   */
  constructor({ config, options, traits, logger }) {
    this.config = config
    this.options = options
    this.traits = traits
    this.logger = logger
    this.httpServer = new DeferredHttpServer()
    this.diagnostics = new Diagnostics()
    this.history = new UpdateHistory(config.root)
    /** @type {'waiting' | 'done' | 'declined'} */
    this.state = 'waiting'
  }

  /**
   * Puts our members in the place of Vite's, on Vite's own object, and retires Vite's server.
   * Identity, Vite's private symbol and what others hold of the object survive.
   *
   * @param {any} ws Vite's `server.ws`.
   */
  replace(ws) {
    if (this.state !== 'waiting') return
    const isTaken = typeof ws === 'object' && ws?.[kEngine]
    if (isTaken || this.config.server.ws === false) {
      this.state = 'declined'
      return
    }
    const reason = this.missing(ws)
    if (reason) return this.decline(reason)
    const { config, options, traits, diagnostics } = this
    const mainServer = config.server.middlewareMode ? null : this.httpServer
    let ours
    try {
      const httpsOptions = readHttpsOptions(config.server.https)
      ours = createServerForVersion(
        mainServer,
        config,
        httpsOptions,
        options,
        traits,
        diagnostics,
        this.history,
      )
    } catch (error) {
      const { message } = /** @type {Error} */ (error)
      const reason = message.replace(/^vite-native-ws: /, '').replace(/\.$/, '')
      return this.decline(reason, 'Correct that value')
    }
    const unknown = Object.keys(ws).filter((name) => !Object.hasOwn(ours, name))
    if (unknown.length > 0) {
      ours.close()
      return this.decline(
        `its WebSocket server has members that this version does not know (${unknown.join(', ')})`,
      )
    }
    const retire = ws.close
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(ours))) {
      Object.defineProperty(ws, name, { ...member, enumerable: true, configurable: true })
    }
    Object.defineProperty(ws, kEngine, { value: 'native', configurable: true })
    this.state = 'done'
    // It takes its upgrade listener off at once. Where it never listened, its close is an error.
    Promise.resolve(Reflect.apply(retire, ws, [])).catch(() => {})
  }

  /**
   * Vite's HTTP server can be reached from here on.
   *
   * @param {any} server The `ViteDevServer`.
   */
  attach(server) {
    if (!this.config.environments && this.state === 'waiting') this.replaceInVite5(server)
    if (this.state === 'waiting') this.decline('no environment was created through its own factory')
    if (this.state === 'done' && server.httpServer) this.httpServer.attach(server.httpServer)
  }

  /**
   * Vite 5 registers one listener, `vite:invalidate`, before any plugin is asked. It stands on
   * every channel of `server.hot`, so it is read off the one for SSR.
   *
   * @param {any} server
   */
  replaceInVite5(server) {
    const channels = server.hot?.channels ?? []
    const ssr = channels.find((/** @type {any} */ channel) => channel?.name === 'ssr')
    const early = ssr?.api?.innerEmitter?.listeners('vite:invalidate') ?? []
    this.replace(server.ws)
    if (this.state !== 'done') return
    for (const listener of early) server.ws.on('vite:invalidate', listener)
  }

  /**
   * @param {any} ws
   * @returns {string | undefined} Members that Vite's object lacks, in a sentence.
   */
  missing(ws) {
    if (typeof ws !== 'object' || ws === null) return 'Vite did not hand out its WebSocket server'
    const { invoke } = this.traits
    const expected = ['send', 'on', 'off', 'listen', 'close', ...(invoke ? ['handleInvoke'] : [])]
    const missing = expected.filter((name) => typeof ws[name] !== 'function')
    return missing.length > 0 ? `its WebSocket server lacks ${missing.join(', ')}` : undefined
  }

  /**
   * @param {string} reason
   * @param {string} [remedy]
   */
  decline(reason, remedy = 'Update vite-native-ws') {
    this.state = 'declined'
    this.logger.warn(
      `vite-native-ws: Vite's own WebSocket server stays in use, since ${reason}. ` +
        `${remedy}, or remove vite-native-ws from the plugins.`,
    )
  }
}

module.exports = { ServerReplacement }
