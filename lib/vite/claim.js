'use strict'

const { parseUrl } = require('../http/access.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('./config.js').Settings} Settings */
/** @typedef {import('./version.js').VersionTraits} VersionTraits */

/**
 * Answer to an upgrade request: take it as a client of Vite, answer it as a ping, drop it,
 * or leave it to other listeners.
 *
 * @typedef {'client' | 'ping' | 'drop' | 'leave'} Claim
 */

/**
 * On a shared server, only Vite's subprotocols on Vite's path are ours (Vite 8.3 `ws.ts`). The
 * whole header is compared, so `vite-hmr, x` is not.
 *
 * @param {IncomingMessage} request
 * @param {Settings} settings
 * @param {Readonly<VersionTraits>} traits
 * @returns {Claim}
 */
function claimOnSharedServer(request, settings, traits) {
  const protocol = request.headers['sec-websocket-protocol']
  const isPing = traits.ping && protocol === 'vite-ping'
  if (!isPing && protocol !== 'vite-hmr') return 'leave'
  if (parseUrl(request.url)?.pathname !== settings.path) return 'leave'
  return isPing ? 'ping' : 'client'
}

/**
 * On a port of its own every upgrade is ours. A ping means "the dev server is back", so it gets
 * no answer before that is true.
 *
 * @param {IncomingMessage} request
 * @param {{ listening?: boolean } | null} mainServer
 * @param {Readonly<VersionTraits>} traits
 * @returns {Claim}
 */
function claimOnOwnServer(request, mainServer, traits) {
  const isPing = traits.ping && request.headers['sec-websocket-protocol'] === 'vite-ping'
  if (!isPing) return 'client'
  return mainServer && !mainServer.listening ? 'drop' : 'ping'
}

module.exports = { claimOnOwnServer, claimOnSharedServer }
