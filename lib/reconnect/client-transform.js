'use strict'

const { OPENER, reconnectSource } = require('./browser-source.js')

/** @typedef {import('../vite/replace-server.js').ServerReplacement} ServerReplacement */

/** Vite's client, in every major: of `vite`, and of packages that stand in for it. */
const CLIENT = /\/dist\/(?:vite\/)?client\/client\.mjs$/

/**
 * The sockets of Vite's client: one in 5.4 (`setupWebSocket`), two since 6.0 (`createConnection`,
 * to the page's own address and to the server's). Both spellings are what the packages contain.
 */
const SOCKET =
  /new WebSocket\(\s*`\$\{\w+\}:\/\/\$\{\w+\}\?token=\$\{wsToken\}`,\s*"vite-hmr"\s*\)/g

/** Whose updates are watched; both members are replaced. */
const HOT_CLIENT = /^const hmrClient = new HMRClient\(/m
const HOT_MEMBERS = [
  /\bthis\.importUpdatedModule\(/,
  /\bnotifyListeners\("vite:afterUpdate", payload\)/,
]

/** Members that a function in place of the class does not have. */
const STATIC_MEMBER = /\bWebSocket\.[A-Z]/

/** Places that the pattern has to account for: a client with more of them is unknown. */
const PROTOCOL = /(["'`])vite-hmr\1/g

/**
 * Gives Vite's client a socket that survives the loss of its connection: a function `WebSocket` of
 * the module's own, behind its end. So no position in it changes, no source map is needed, and who
 * looks for `new WebSocket` in it (\@crxjs/vite-plugin puts a class of its own there) finds it.
 *
 * @param {string} code
 * @param {'socket' | 'fetch'} ping
 * @param {boolean} [hasCheck] Whether the server has a page that says why there is no connection.
 * @returns {string | undefined} Nothing when the client is not one that we know.
 */
function patchClient(code, ping, hasCheck = false) {
  const places = code.match(SOCKET)?.length ?? 0
  const isKnown =
    (places === 1 || places === 2) &&
    places === code.match(PROTOCOL)?.length &&
    [HOT_CLIENT, ...HOT_MEMBERS].every((pattern) => pattern.test(code))
  if (!isKnown || code.includes(OPENER) || STATIC_MEMBER.test(code)) return undefined
  return `${code}\n${reconnectSource(ping, hasCheck)}`
}

/**
 * The hook for every module that has been compiled, which is noted. Vite's client gets the page's half.
 *
 * @param {(context: any) => ServerReplacement | undefined} replacementOf Whose server the hook runs in.
 */
function clientTransform(replacementOf) {
  return {
    // A module that Vite fails on is not compiled: its last plugin, which resolves imports, may.
    order: /** @type {const} */ ('post'),
    /** @this {any} @param {string} code @param {string} id @param {{ ssr?: boolean }} [options] */
    handler(code, id, options) {
      const replacement = replacementOf(this)
      replacement?.history.onCompiled(id)
      if (!CLIENT.test(id) || options?.ssr) return
      if (this?.environment && this.environment.config.consumer !== 'client') return
      if (!replacement || !isWanted(replacement, id)) return
      const hasCheck = replacement.options.inspector !== false
      const patched = patchClient(code, replacement.traits.ping ? 'socket' : 'fetch', hasCheck)
      if (patched === undefined) return warnOnce(replacement)
      return { code: patched, map: null }
    },
  }
}

/**
 * @param {ServerReplacement} replacement
 * @param {string} id
 */
function isWanted({ config, options, state }, id) {
  const { experimental, resolve } = config
  if (options.reconnect === false || state !== 'done') return false
  // Its server keeps what a page has by the client's object, and knows nothing of a later one.
  if (experimental?.bundledDev || experimental?.fullBundleMode) return false
  const alias = resolve.alias.find((/** @type {any} */ { find }) =>
    `${find}`.includes('@vite\\/client'),
  )
  return alias === undefined || String(alias.replacement).endsWith(id)
}

/** @type {WeakSet<ServerReplacement>} */
const warned = new WeakSet()

/** @param {ServerReplacement} replacement */
function warnOnce(replacement) {
  if (warned.has(replacement)) return
  warned.add(replacement)
  replacement.logger.warn(
    "vite-native-ws: Vite's client is not one that this version knows, so a lost connection " +
      'reloads the page, as without this plugin. Update vite-native-ws, or set its option ' +
      '`reconnect` to false.',
  )
}

module.exports = { CLIENT, clientTransform, patchClient }
