'use strict'

/** @typedef {import('./host.js').Host} Host */
/** @typedef {'same' | 'another' | 'unknown' | 'silent'} Identity Silent: there was no answer. */

/**
 * Whether the server that answers is the one of this page: Vite's client carries a token that is new
 * with every start. Where HTTP goes through and the WebSocket does not, nothing else tells a server
 * that refuses the page from one that is not reached. Browser code, see `browser-source.js`.
 *
 * @param {string | undefined} source The URL of Vite's client.
 * @param {string} url Of the page's socket.
 * @param {number} milliseconds Time for the answer.
 * @param {Host} host
 * @returns {Promise<Identity>}
 */
async function askIdentity(source, url, milliseconds, host) {
  const token = new URL(url).searchParams.get('token')
  if (!token || !source) return 'unknown'
  const read = async () => {
    const response = await host.fetch(source, { cache: 'no-store' })
    return response.ok ? response.text() : ''
  }
  /** @type {any} */
  let timer
  /** @type {Promise<undefined>} */
  const silence = new Promise((resolve) => {
    timer = host.setTimeout(() => resolve(undefined), milliseconds)
  })
  const code = await Promise.race([read().catch(() => undefined), silence])
  host.clearTimeout(timer)
  if (code === undefined) return 'silent'
  if (!code.includes('vite-hmr')) return 'unknown'
  return code.includes(token) ? 'same' : 'another'
}

module.exports = { askIdentity }
