export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** `{token}`, `{port}` and `{wrong}` stand for what only a running target knows. */
const HEADERS = {
  Host: '127.0.0.1:{port}',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': KEY,
  'Sec-WebSocket-Protocol': 'vite-hmr',
  Origin: 'http://127.0.0.1:{port}',
}

/**
 * An upgrade request as text, correct but for what is asked.
 *
 * @param {object} [change]
 * @param {string} [change.method]
 * @param {string} [change.url]
 * @param {string} [change.version]
 * @param {Record<string, string | string[] | null>} [change.headers] null drops one, a list repeats
 * @param {string} [change.eol]
 * @param {string} [change.body]
 */
export function request({
  method = 'GET',
  url = '/?token={token}',
  version = 'HTTP/1.1',
  headers = {},
  eol = '\r\n',
  body = '',
} = {}) {
  const lines = Object.entries({ ...HEADERS, ...headers }).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((each) => `${name}: ${each}`),
  )
  return [`${method} ${url} ${version}`, ...lines, '', body].join(eol)
}

/**
 * Bytes for one target.
 *
 * @param {string | Uint8Array} source
 * @param {{ token: string, port: number }} target
 */
export function fill(source, { token, port }) {
  if (typeof source !== 'string') return source
  const wrong = (token[0] === 'x' ? 'y' : 'x') + token.slice(1)
  const values = { token, port, wrong, long: `${token}x`, short: token.slice(1) }
  return Buffer.from(
    source.replace(/\{(token|port|wrong|long|short)\}/g, (_, name) => values[name]),
    'latin1',
  )
}

/** @param {{ token: string, port: number }} target */
export const handshake = (target) => fill(request(), target)
