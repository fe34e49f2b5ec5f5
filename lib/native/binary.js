'use strict'

const { binaryObstacle, platformPackage } = require('./elf-check.js')
const { codedError } = require('../errors.js')
const { explainFailure } = require('./load-failure.js')

/** @typedef {typeof import('./native.js')} Binding */

/** @type {Binding | undefined} */
let binding
/** @type {Error | undefined} */
let failure

const WAY_OUT = "VITE_NATIVE_WS=off to use Vite's own WebSocket server"

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
  const runtime = unsupportedRuntime()
  if (runtime) throw fail(`${runtime}; it runs on Node. Set ${WAY_OUT} without this message.`)
  try {
    const obstacle = binaryObstacle()
    if (obstacle) throw new Error(obstacle)
    binding = require('./native.js')
    return binding
  } catch (cause) {
    throw fail(explain(/** @type {Error} */ (cause)), cause)
  }
}

/** Runtimes whose sockets cannot be taken over, or that load no native code. */
function unsupportedRuntime() {
  if (process.versions.bun) return 'Bun is not supported'
  if ('deno' in process.versions) return 'Deno is not supported'
  if ('webcontainer' in process.versions) return 'WebContainers load no native code'
  return undefined
}

/**
 * @param {string} explanation
 * @param {unknown} [cause]
 */
function fail(explanation, cause) {
  const message = `vite-native-ws: ${explanation}`
  failure = Object.assign(codedError(Error, 'ERR_NATIVE_WS_NO_BINARY', message), { cause })
  return failure
}

/** @param {Error} cause */
function explain(cause) {
  const { platform, arch, versions } = process
  const wanted = platformPackage()
  const reasons = chain(cause).map(({ message }) => message.split('\n')[0])
  const unsupported = reasons.find((reason) => /^Unsupported (OS|architecture)/.test(reason))
  if (unsupported) {
    return `there is no native binary for ${platform} ${arch} (${unsupported}). Set ${WAY_OUT}.`
  }
  const { reason, remedy } = explainFailure(reasons)
  return (
    `the native binary for ${platform} ${arch} (Node ${versions.node}), which the package ` +
    `${wanted} brings, could not be loaded: ${reason}. ${remedy}, or set ${WAY_OUT}.`
  )
}

/**
 * The errors of what the loader of napi-rs has tried, and its own summary of them.
 *
 * @param {any} error
 * @returns {Error[]}
 */
function chain(error) {
  return error instanceof Error || error?.message ? [error, ...chain(error.cause)] : []
}

module.exports = { loadBinary }
