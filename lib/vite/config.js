'use strict'

const { readFileSync } = require('node:fs')
const { posix, resolve } = require('node:path')
const { invalidArgument } = require('../errors.js')

/** @typedef {import('../http/access.js').AccessRules} AccessRules */
/** @typedef {import('./version.js').VersionTraits} VersionTraits */
/**
 * Settings of the WebSocket server, from Vite's configuration.
 *
 * @typedef {object} Settings
 * @property {boolean} isDisabled `server.ws: false`
 * @property {boolean} isHmrEnabled
 * @property {string} path The path on a shared server: base and `path`.
 * @property {number | string} port The port of a server of its own.
 * @property {boolean} needsOwnPort
 * @property {string | undefined} host
 * @property {import('node:http').Server | undefined} server The user's own server.
 * @property {AccessRules} access
 */

const DEFAULT_PORT = 24678

/**
 * Reads the fields of a `ResolvedConfig` that Vite's own function reads (all majors; see the
 * table in `docs/how-it-works.md`), as Vite reads them: what it treats as absent is absent. A plain
 * object with none of them works too.
 *
 * @param {any} config
 * @param {Readonly<VersionTraits>} traits
 * @returns {Settings}
 * @throws {TypeError} `ERR_NATIVE_WS_INVALID_ARG`, naming the field.
 */
function readSettings(config, traits) {
  const root = expectObject('config', config)
  const server = expectObject('config.server', root.server ?? {})
  const options = socketOptions(server, traits)
  const port = expect('server.ws.port', 'a port, 0 to 65535', options.port || undefined, isPort)
  const base = expect('config.base', 'a string', root.base ?? '/', isString)
  const path = expect('server.ws.path', 'a string', options.path || '', isString)
  return {
    isDisabled: server.ws === false,
    isHmrEnabled: server.hmr !== false,
    path: path ? posix.join(base, path) : base,
    port: port || DEFAULT_PORT,
    needsOwnPort: Boolean(port) && port !== server.port,
    // What is no string is none for `listen` either.
    host: isString(options.host) ? options.host || undefined : undefined,
    server: options.server ? expectServer('server.ws.server', options.server) : undefined,
    access: readAccess(root, server, traits),
  }
}

/**
 * The object that says where the server listens: `server.ws` since Vite 8.1, before `server.hmr`.
 * Nuxt gives both to every Vite, with a server of its own in the one that Vite does not read.
 *
 * @param {any} server
 * @param {Readonly<VersionTraits>} traits
 */
function socketOptions({ ws, hmr }, traits) {
  if (traits.wsOptions && isObject(ws)) return ws
  return isObject(hmr) ? hmr : {}
}

/**
 * The rules of access, as Vite reads them: a list may be anything that can be iterated, and what is
 * no string in it matches no host.
 *
 * @param {any} config
 * @param {any} server
 * @param {Readonly<VersionTraits>} traits
 * @returns {AccessRules}
 */
function readAccess(config, server, traits) {
  const hosts = server.allowedHosts
  const token = config.webSocketToken
  if (token !== undefined) expect('config.webSocketToken', 'a string', token, isString)
  return {
    allowedHosts:
      hosts === true ||
      [...listOf(hosts), ...listOf(config.additionalAllowedHosts)].filter(isString),
    allowMissingHost: traits.allowMissingHost,
    skipTokenCheck: Boolean(config.legacy?.skipWebSocketTokenCheck),
    token,
    ping: traits.ping,
  }
}

/**
 * @param {any} value
 * @returns {Iterable<any>} The value, or nothing if it is no list.
 */
function listOf(value) {
  return typeof value?.[Symbol.iterator] === 'function' ? value : []
}

/**
 * TLS options of a server of our own. Keys and certificates may be paths (Vite 8.3 `http.ts`,
 * `resolveHttpsConfig`); what Vite has made of them is out of a plugin's reach.
 *
 * @param {any} https `config.server.https`
 * @returns {any}
 */
function readHttpsOptions(https) {
  if (!isObject(https)) return undefined
  const options = { ...https }
  for (const name of ['ca', 'cert', 'key', 'pfx']) {
    if (isString(https[name])) options[name] = readIfFile(https[name])
  }
  return options
}

/** @param {string} value A path, or the contents themselves. */
function readIfFile(value) {
  try {
    return readFileSync(resolve(value))
  } catch {
    return value
  }
}

/**
 * @param {string} name
 * @param {any} value
 */
function expectServer(name, value) {
  const isServer = typeof value?.on === 'function' && typeof value.off === 'function'
  return expect(name, 'an HTTP or HTTPS server, such as http.createServer()', value, () => isServer)
}

/**
 * @param {string} name
 * @param {any} value
 */
function expectObject(name, value) {
  return expect(name, 'an object', value, isObject)
}

/**
 * @param {string} name
 * @param {string} expected
 * @param {any} value
 * @param {(value: unknown) => boolean} isValid
 */
function expect(name, expected, value, isValid) {
  if (!isValid(value)) throw invalidArgument(name, expected, value)
  return value
}

/**
 * Whether Node's `listen` takes a value as a port, or nothing is given.
 *
 * @param {any} value
 * @returns {boolean}
 */
function isPort(value) {
  if (value === undefined) return true
  if (typeof value === 'string' ? value.trim() === '' : typeof value !== 'number') return false
  return Number.isInteger(Number(value)) && Number(value) >= 0 && Number(value) < 65536
}

/**
 * @param {any} value
 * @returns {boolean}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null
}

/** @param {unknown} value */
function isString(value) {
  return typeof value === 'string'
}

module.exports = { expectServer, readHttpsOptions, readSettings }
