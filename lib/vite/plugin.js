'use strict'

const { loadBinary } = require('../native/binary.js')
const { clientTransform } = require('../reconnect/client-transform.js')
const { traitsOf } = require('./version.js')
const { addDock } = require('../inspector/devtools.js')
const { serveInspector } = require('../inspector/index.js')
const { loggerOf } = require('../logger.js')
const { environmentProblems, isSwitchedOff, readOptions } = require('../options.js')
const { ServerReplacement } = require('./replace-server.js')
const { setImmediate } = require('../timers.js')

/** @typedef {import('../options.js').NativeWsOptions} NativeWsOptions */

/**
 * The Vite plugin. Documented in `index.d.ts`.
 *
 * Our server takes the place of Vite's while Vite makes its environments: before anything has
 * been registered on it, and with Vite's own environments, object and private symbol in place.
 * Vite 5 has no environments; there it happens first of all `configureServer` hooks.
 *
 * @param {NativeWsOptions} [options]
 */
function nativeWs(options) {
  const checked = readOptions(options)
  /**
   * One per resolved configuration: a restart, and servers that share this object, have others.
   *
   * @type {WeakMap<object, ServerReplacement>}
   */
  const replacements = new WeakMap()
  /** @type {ServerReplacement | undefined} For Vite 5, whose hooks do not say in which server they run. */
  let latest
  /** @param {any} context The `this` of a hook. */
  const replacementOf = (context) =>
    context?.environment ? replacements.get(context.environment.getTopLevelConfig()) : latest
  /** @this {any} @param {{ file: string, timestamp: number }} change */
  function noteChange({ file, timestamp }) {
    replacementOf(this)?.history.onChanged(file, timestamp)
  }
  const plugin = {
    name: 'vite-native-ws',
    apply: /** @type {const} */ ('serve'),
    configResolved: {
      order: /** @type {const} */ ('post'),
      /**
       * Hooks of other plugins run at the same time, `order` or not, and may still change the
       * configuration: nothing of it is read here that could wait, and what they put around
       * `createEnvironment` at once is within ours.
       *
       * @this {any} @param {any} config
       */
      async handler(config) {
        if (!isWanted(config)) return
        const logger = loggerOf(config)
        for (const problem of environmentProblems()) logger.warn(problem)
        const traits = traitsOf(viteVersion(this, config, checked), {
          isRolldown: Boolean(this?.meta?.rolldownVersion),
        })
        try {
          loadBinary()
        } catch (error) {
          const { message } = /** @type {Error} */ (error)
          return void logger.warn(`${message} Vite's own WebSocket server is used for now.`)
        }
        const replacement = new ServerReplacement({ config, options: checked, traits, logger })
        replacements.set(config, replacement)
        latest = replacement
        await new Promise((resolve) => setImmediate(resolve))
        config.plugins.splice(config.plugins.indexOf(plugin) + 1, 0, inspectorPlugin)
        if (config.environments) interceptEnvironments(config, replacement)
        else moveToFront(config.plugins, plugin)
      },
    },
    configureServer: {
      order: /** @type {const} */ ('pre'),
      /** @param {any} server */
      handler(server) {
        replacements.get(server.config)?.attach(server)
      },
    },
    devtools: {
      /** @param {any} context Of `@vitejs/devtools`, if it is there. */
      setup(context) {
        const isServed = replacements.get(context.viteConfig)?.state === 'done'
        if (isServed && checked.inspector !== false) addDock(context)
      },
    },
    transform: clientTransform(replacementOf),
    hotUpdate: { order: /** @type {const} */ ('pre'), handler: noteChange },
    // Vite 5; later ones ask the hook above.
    handleHotUpdate: { order: /** @type {const} */ ('pre'), handler: noteChange },
  }

  /**
   * Its middleware comes in the order of the plugins, among theirs: what an application has put in
   * front of everything, to authenticate say, stands in front of the inspector.
   */
  const inspectorPlugin = {
    name: 'vite-native-ws:inspector',
    /** @this {any} @param {any} server */
    configureServer(server) {
      const replacement = replacements.get(server.config)
      if (replacement?.state !== 'done') return
      const version = checked.viteVersion ?? this?.meta?.viteVersion
      serveInspector(server, replacement.diagnostics, checked, version)
    },
  }

  return plugin
}

/**
 * Whether a dev server with a WebSocket server is about to start.
 *
 * @param {any} config
 */
function isWanted(config) {
  return (
    !isSwitchedOff() &&
    config.command === 'serve' &&
    !config.isWorker &&
    !config.isPreview &&
    config.server?.ws !== false
  )
}

/**
 * @param {any} context The hook's `this`: it knows the version since Vite 7.
 * @param {any} config
 * @param {NativeWsOptions} options
 */
function viteVersion(context, config, options) {
  return options.viteVersion ?? context?.meta?.viteVersion ?? (config.environments ? '6.4' : '5.4')
}

/**
 * Every environment is given Vite's WebSocket server when it is made; the first one to be made
 * hands it to us.
 *
 * @param {any} config
 * @param {ServerReplacement} replacement
 */
function interceptEnvironments(config, replacement) {
  for (const environment of Object.values(config.environments)) {
    const dev = /** @type {any} */ (environment).dev
    const createEnvironment = dev?.createEnvironment
    if (typeof createEnvironment !== 'function') continue
    dev.createEnvironment = function (/** @type {any[]} */ ...args) {
      replacement.replace(args[2]?.ws)
      return Reflect.apply(createEnvironment, this, args)
    }
  }
}

/**
 * In Vite 5 listeners of plugins before ours would be lost.
 *
 * @param {any[]} plugins
 * @param {object} plugin
 */
function moveToFront(plugins, plugin) {
  const place = plugins.indexOf(plugin)
  if (place > 0) plugins.unshift(...plugins.splice(place, 1))
}

module.exports = { nativeWs }
