/** @typedef {import('./facts.mjs').ServerFacts} ServerFacts */

/**
 * Lines for `vite.config.js` that set options of the socket: under `server.ws` since Vite 8.1, before
 * under `server.hmr`. Both, where the version is not known.
 *
 * @param {ServerFacts | undefined} server
 * @param {string} options As they are written in the file.
 * @returns {string[]}
 */
export function socketOption(server, options) {
  const lines = {
    ws: `server: { ws: { ${options} } }`,
    hmr: `server: { hmr: { ${options} } }`,
  }
  if (server) return [lines[server.option]]
  return [`${lines.ws} // Vite 8.1 and later`, `${lines.hmr} // Vite 5, 6, 7 and 8.0`]
}

/** @param {ServerFacts | undefined} server */
export function nameOfOptions(server) {
  return server ? `server.${server.option}` : 'server.ws (before Vite 8.1: server.hmr)'
}

/** @param {string} host Of the `Host` header, with its port or without. */
export function allowHost(host) {
  return [`server: { allowedHosts: ['${nameOf(host)}'] }`]
}

/**
 * The name in a `Host` header. Anybody may have written that, and the name is to be copied: so it has
 * nothing but what names have.
 *
 * @param {string} host
 */
export function nameOf(host) {
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host
  return name.replace(/[^\w.:[\]-]/g, '')
}

/** Lines by which proxies pass an upgrade on. Each is the whole of it: nothing is needed elsewhere. */
const PASS_UPGRADE = {
  nginx: [
    'proxy_http_version 1.1;',
    'proxy_set_header Upgrade $http_upgrade;',
    'proxy_set_header Connection "upgrade";',
    'proxy_set_header Host $http_host;',
  ],
  Apache: ['ProxyPass "/" "http://127.0.0.1:5173/" upgrade=websocket'],
  other: [
    'the request for the WebSocket over HTTP/1.1, with `Upgrade: websocket` and `Connection: Upgrade`',
  ],
}

/** @param {string | undefined} software The `Server` header of what answers. */
export function passUpgrade(software) {
  const kind = kindOf(software)
  if (kind === 'other') return ['Let the proxy pass on:', ...PASS_UPGRADE.other]
  return [
    `In the configuration of ${kind}, where it passes requests on to Vite:`,
    ...PASS_UPGRADE[kind],
  ]
}

/** @param {string | undefined} software */
function kindOf(software = '') {
  if (/nginx|openresty/i.test(software)) return 'nginx'
  return /apache/i.test(software) ? 'Apache' : 'other'
}

/**
 * @param {string | undefined} software
 * @param {string} path
 */
export function passPath(software, path) {
  if (kindOf(software) !== 'nginx') return [`Let the proxy pass ${path} on to Vite, unchanged.`]
  const place = path.endsWith('/') ? path : `${path}/`
  return [
    'In the configuration of nginx, with no path behind the port:',
    `location ${place === '//' ? '/' : place.replace(/\/+$/, '') || '/'} { proxy_pass http://127.0.0.1:5173; }`,
  ]
}

/** @param {string | undefined} software */
export function raiseIdleLimit(software) {
  if (kindOf(software) !== 'nginx')
    return ['Raise the time that the proxy keeps a silent connection.']
  return ['proxy_read_timeout 1h;']
}
