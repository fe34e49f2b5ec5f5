import { passPath, passUpgrade } from './remedies.mjs'

/** @typedef {import('./facts.mjs').Sight} Sight */
/** @typedef {{ cause: string, sentence: string, remedy: string[] }} Cause */

/**
 * @param {'took' | 'broke'} what
 * @param {string | undefined} by
 * @returns {Cause}
 */
export function listenerCause(what, by = 'unknown') {
  const how =
    what === 'took'
      ? `has answered the request for the WebSocket before Vite's server could (${by})`
      : `answered the request for the WebSocket too, which breaks the connection (${by})`
  return {
    cause: `another-listener-${what}-it`,
    sentence: `Another \`upgrade\` listener of the HTTP server ${how}.`,
    remedy: [
      'Let that listener leave alone what is not for its own path:',
      "if (new URL(request.url, 'http://localhost').pathname !== '/its-path') return",
    ],
  }
}

/**
 * @param {Sight} sight
 * @param {string | undefined} software
 * @returns {Cause}
 */
export function upgradeRemoved({ upgrade, connection }, software) {
  const lost = upgrade
    ? `\`Connection: ${connection ?? ''}\` where \`Connection: Upgrade\` was sent`
    : 'no `Upgrade` header'
  return {
    cause: 'upgrade-not-passed-on',
    sentence: `The proxy does not pass the upgrade on: the request arrives with ${lost}.`,
    remedy: passUpgrade(software),
  }
}

/**
 * @param {string} path
 * @param {string} arrived
 * @param {string | undefined} software
 * @returns {Cause}
 */
export function pathChanged(path, arrived, software) {
  return {
    cause: 'path-changed',
    sentence: `The path of the WebSocket is changed on the way: ${path} arrives as ${arrived}.`,
    remedy: passPath(software, path),
  }
}
