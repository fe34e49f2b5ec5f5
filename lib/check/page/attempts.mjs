/** @typedef {import('./client-settings.mjs').ClientSettings} ClientSettings */
/**
 * One address of a WebSocket to be tried.
 *
 * @typedef {object} Attempt
 * @property {'first' | 'direct' | 'page' | 'base' | 'port'} name `first` and `direct` are what Vite's
 *   client tries, in this order.
 * @property {string} url Without a query.
 * @property {boolean} hasToken Whether it shows the token of Vite's client.
 */

/**
 * What Vite's client would try, and addresses that may do where those do not. The token goes where
 * Vite's client sends it, and back to the origin that gave it; to no other.
 *
 * @param {string} page The URL from which Vite's client was loaded.
 * @param {ClientSettings} client
 * @param {{ port?: number | null }} [server] As far as the server tells.
 * @returns {Attempt[]}
 */
export function planAttempts(page, client, server = {}) {
  const { protocol, host, hostname, port } = new URL(page)
  const own = protocol === 'https:' ? 'wss' : 'ws'
  const scheme = client.protocol ?? own
  const address = `${client.hostname ?? hostname}:${client.port ?? port}`
  /** @type {[Attempt['name'], string, boolean][]} */
  const wanted = [
    ['first', `${scheme}://${address}${client.path}`, true],
    ...(client.port
      ? []
      : [/** @type {any} */ (['direct', `${scheme}://${client.directTarget}`, true])]),
    ['page', `${own}://${host}${client.path}`, true],
    ['base', `${own}://${host}${client.base}`, true],
  ]
  if (server.port) wanted.push(['port', `${own}://${hostname}:${server.port}${client.path}`, false])
  /** @type {Map<string, Attempt>} */
  const attempts = new Map()
  for (const [name, text, hasToken] of wanted) {
    if (!URL.canParse(text)) continue
    const { href: url } = new URL(text)
    if (!attempts.has(url)) attempts.set(url, { name, url, hasToken })
  }
  return [...attempts.values()]
}

/**
 * Whether a browser refuses to open this from such a page: a page over https has no sockets in the
 * clear, but to the same machine.
 *
 * @param {string} page
 * @param {string} url
 */
export function isMixedContent(page, url) {
  const { protocol, hostname } = new URL(url)
  const isLocal = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
  return new URL(page).protocol === 'https:' && protocol === 'ws:' && !isLocal
}

/**
 * @param {Attempt} attempt
 * @param {string} token
 * @param {string | undefined} mark Name and value of a parameter by which the server knows it again.
 */
export function urlOf({ url, hasToken }, token, mark) {
  const query = [hasToken ? `token=${encodeURIComponent(token)}` : '', mark].filter(Boolean)
  return query.length > 0 ? `${url}?${query.join('&')}` : url
}
