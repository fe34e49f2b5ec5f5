// The requests of the catalogue: text in which a running server's own values are still to come.
import { upgradeRequest } from '../support/handshake.mjs'

/** `{token}`, `{port}` and `{wrong}` stand for what only a running server knows. */
const HEADERS = { Host: '127.0.0.1:{port}', Origin: 'http://127.0.0.1:{port}' }

/**
 * An upgrade request as text, correct but for what is asked.
 *
 * @param {Parameters<typeof upgradeRequest>[0] & { url?: string }} [change]
 */
export function request({ url = '/?token={token}', headers, ...change } = {}) {
  return upgradeRequest({ path: url, headers: { ...HEADERS, ...headers }, ...change })
}

/**
 * Bytes for one server.
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
