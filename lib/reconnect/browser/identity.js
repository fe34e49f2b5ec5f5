'use strict'

/** @typedef {import('./host.js').Host} Host */

/**
 * Whether the server that answers is the one of this page: Vite's client carries a token that is new
 * with every start. A relay that accepts connections for a server that refuses them leaves no other
 * way to know. Browser code, see `browser-source.js`.
 *
 * @param {string | undefined} source The URL of Vite's client.
 * @param {string} url Of the page's socket.
 * @param {Host} host
 * @returns {Promise<'same' | 'another' | 'unknown'>}
 */
async function askIdentity(source, url, host) {
  const token = new URL(url).searchParams.get('token')
  if (!token || !source) return 'unknown'
  try {
    const response = await host.fetch(source, { cache: 'no-store' })
    const code = response.ok ? await response.text() : ''
    if (!code.includes('vite-hmr')) return 'unknown'
    return code.includes(token) ? 'same' : 'another'
  } catch {
    return 'unknown'
  }
}

module.exports = { askIdentity }
