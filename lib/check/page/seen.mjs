import { listenerCause, pathChanged, upgradeRemoved } from './causes.mjs'
import { allowHost, nameOf, nameOfOptions, passUpgrade } from './remedies.mjs'

/** @typedef {import('./facts.mjs').Facts} Facts */
/** @typedef {import('./facts.mjs').Result} Result */
/** @typedef {import('./facts.mjs').Sight} Sight */
/** @typedef {{ cause: string, sentence: string, remedy: string[] }} Cause */

const REFUSALS =
  'https://github.com/vite-native-ws/vite-native-ws/blob/main/docs/errors.md#refusals'

/**
 * The cause that shows in what the server saw of an attempt.
 *
 * @param {Result} result
 * @param {Facts} facts
 * @returns {Cause | undefined} Undefined where it saw nothing, or was not asked.
 */
export function causeBySight({ url, seen }, { server, answer }) {
  const sight = seen?.at(-1)
  if (!sight) return undefined
  const { pathname } = new URL(url)
  if (sight.kind === 'request') return upgradeRemoved(sight, answer.software)
  if (sight.result === 'taken') return listenerCause('took', sight.reason)
  if (sight.result === 'broken') return listenerCause('broke', sight.reason)
  if (sight.result === 'refused') return refused(sight)
  if (sight.result === 'accepted') {
    return {
      cause: 'answer-lost',
      sentence: `The server accepted the WebSocket, and its answer did not come back: what is between does not relay it.`,
      remedy: passUpgrade(answer.software),
    }
  }
  if (sight.path !== pathname) {
    return pathChanged(pathname, sight.path, answer.software)
  }
  if (sight.protocol !== 'vite-hmr') {
    return {
      cause: 'subprotocol-removed',
      sentence: 'The header `Sec-WebSocket-Protocol: vite-hmr` is lost or changed on the way.',
      remedy: ['Let the proxy pass `Sec-WebSocket-Protocol` on, unchanged.'],
    }
  }
  return {
    cause: 'path-of-another-server',
    sentence: `The server that answers at ${pathname} expects its WebSocket at ${server?.path}.`,
    remedy: [
      `Reload the page; if that does not help, set \`base\` and \`path\` of ${nameOfOptions(server)} alike everywhere.`,
    ],
  }
}

/**
 * @param {Sight} sight
 * @returns {Cause}
 */
function refused({ reason, host }) {
  if (reason === 'host not allowed') {
    return {
      cause: 'host-not-allowed',
      sentence: `The WebSocket is refused, since it arrives for the host ${nameOf(host)}, which is not allowed.`,
      remedy: allowHost(host),
    }
  }
  if (reason === 'token mismatch') {
    return {
      cause: 'old-token',
      sentence:
        'The WebSocket is refused, since its token is that of an earlier or another dev server.',
      remedy: [
        'Reload the page without its cache, and unregister its service worker if it has one.',
        'With several dev servers behind one address: let requests and WebSockets of a page go to the same one.',
      ],
    }
  }
  return {
    cause: 'refused',
    sentence: `The server refuses the WebSocket: ${reason}.`,
    remedy: [
      reason === 'too many clients'
        ? 'Close tabs, or let more in: nativeWs({ maxClients: … })'
        : `What each refusal means: ${REFUSALS}`,
    ],
  }
}
