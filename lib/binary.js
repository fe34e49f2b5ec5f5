'use strict'

const { codedError } = require('./errors.js')

/** @typedef {typeof import('./native.js')} Binding */

/** @type {Binding | undefined} */
let binding
/** @type {Error | undefined} */
let failure

/**
 * The addon for this platform, loaded when first asked for: requiring this package must never
 * break a dev server.
 *
 * @returns {Binding}
 * @throws {Error} `ERR_NATIVE_WS_NO_BINARY`, naming the package to install and the way out.
 */
function loadBinary() {
  if (binding) return binding
  if (failure) throw failure
  const unsupported = unsupportedRuntime()
  try {
    if (unsupported) throw new Error(unsupported)
    binding = require('./native.js')
    return binding
  } catch (cause) {
    failure = codedError(Error, 'ERR_NATIVE_WS_NO_BINARY', explain(/** @type {Error} */ (cause)))
    failure.cause = cause
    throw failure
  }
}

/** Runtimes whose sockets cannot be taken over, or that load no native code. */
function unsupportedRuntime() {
  if (process.versions.bun) return 'Bun serves WebSockets itself'
  if ('deno' in process.versions) return 'Deno is not supported'
  if ('webcontainer' in process.versions) return 'WebContainers load no native code'
  return undefined
}

/** @param {Error} cause */
function explain(cause) {
  const platform = `${process.platform} ${process.arch}`
  const [reason] = cause.message.split('\n')
  return (
    `vite-native-ws: the native binary for ${platform} (Node ${process.versions.node}) could not ` +
    `be loaded: ${reason} Reinstall with optional dependencies enabled (npm install ` +
    '--include=optional; remove node_modules and the lock file if npm left them out), or set ' +
    "VITE_NATIVE_WS=off to use Vite's own WebSocket server."
  )
}

module.exports = { loadBinary }
