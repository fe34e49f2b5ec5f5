import { pathChanged, upgradeRemoved } from './causes.mjs'
import { nameOfOptions, passPath, passUpgrade, socketOption } from './remedies.mjs'

/** @typedef {import('./facts.mjs').Facts} Facts */
/** @typedef {import('./facts.mjs').Result} Result */
/** @typedef {import('./facts.mjs').Sight} Sight */
/** @typedef {{ cause: string, sentence: string, remedy: string[] }} Cause */

/** Answers of a proxy that does not reach what is behind it. */
const GATEWAY_STATUS = [502, 503, 504]

/**
 * The cause of an attempt that the server did not see, from what else was tried.
 *
 * @param {Result} result
 * @param {Facts} facts
 * @returns {Cause | undefined}
 */
export function causeByAddress(result, facts) {
  const target = new URL(result.url)
  const page = new URL(facts.page)
  const isSecure = target.protocol === 'wss:'
  const isSameAddress = target.host === hostOf(page, isSecure)
  if (isSameAddress && isSecure !== (page.protocol === 'https:'))
    return wrongProtocol(isSecure, facts)
  return isSameAddress ? causeAtPage(result, facts) : causeElsewhere(target, facts)
}

/**
 * A host with its port, as a socket's URL would have it.
 *
 * @param {URL} page
 * @param {boolean} isSecure
 */
function hostOf({ hostname, port, protocol }, isSecure) {
  const real = port || (protocol === 'https:' ? '443' : '80')
  return real === (isSecure ? '443' : '80') ? hostname : `${hostname}:${real}`
}

/**
 * @param {boolean} isSecure
 * @param {Facts} facts
 * @returns {Cause}
 */
function wrongProtocol(isSecure, { page, server }) {
  const own = new URL(page).protocol === 'https:' ? 'wss' : 'ws'
  return {
    cause: 'wrong-protocol',
    sentence: `The page tries ${isSecure ? 'wss' : 'ws'}: at an address that speaks ${own}:.`,
    remedy: [
      `Remove \`protocol\` from ${nameOfOptions(server)}, or:`,
      ...socketOption(server, `protocol: '${own}'`),
    ],
  }
}

/**
 * The socket is at another address than the page.
 *
 * @param {URL} target
 * @param {Facts} facts
 * @returns {Cause}
 */
function causeElsewhere(target, { page, server, results }) {
  const port = portOf(target)
  if (server?.ownPort && !server.isOpen) {
    return {
      cause: 'port-not-open',
      sentence: `The dev server could not open port ${server.ownPort} for its WebSocket: another program has it.`,
      remedy: [
        'Stop that program, or take another port:',
        ...socketOption(server, `port: ${server.ownPort + 1}`),
      ],
    }
  }
  if (server?.isMiddleware && server.ownPort) {
    return {
      cause: 'middleware-port',
      sentence: `Vite is a middleware here, so its WebSocket has a port of its own, ${server.ownPort}, which cannot be reached from the page (${target.host}).`,
      remedy: [
        'Give it the HTTP server of the application:',
        ...socketOption(server, 'server: httpServer'),
        `or forward port ${server.ownPort} too.`,
      ],
    }
  }
  const here = results.find(
    ({ name, url }) =>
      name === 'page' || (name === 'base' && new URL(url).pathname === target.pathname),
  )
  if (here && (here.state === 'open' || here.seen?.some(({ result }) => result === 'accepted'))) {
    return throughPage(port, page, server)
  }
  if (server?.ownPort) {
    return {
      cause: 'port-not-reached',
      sentence: `The WebSocket has a port of its own, ${server.ownPort}, which cannot be reached from the page (${target.host}).`,
      remedy: [
        `Forward port ${server.ownPort} as well, or remove \`port\` from ${nameOfOptions(server)}, so that the WebSocket shares the port of the page.`,
      ],
    }
  }
  return {
    cause: 'port-not-reached',
    sentence: `Nothing that leads to the dev server answers at ${target.host}, where the page looks for its WebSocket.`,
    remedy: [
      `Remove \`host\`, \`port\` and \`clientPort\` from ${nameOfOptions(server)}, or let ${target.host} lead to the dev server.`,
    ],
  }
}

/**
 * The address of the page would do.
 *
 * @param {string} port
 * @param {string} page
 * @param {Facts['server']} server
 * @returns {Cause}
 */
function throughPage(port, page, server) {
  const url = new URL(page)
  const own = portOf(url)
  if (url.protocol === 'https:') {
    return {
      cause: 'tls-in-front',
      sentence: `TLS ends in front of the dev server, at port ${own}, and the page looks for its WebSocket at port ${port}.`,
      remedy: socketOption(server, `protocol: 'wss', clientPort: ${own}`),
    }
  }
  return {
    cause: 'port-not-reached',
    sentence: `The page came through port ${own}, and looks for its WebSocket at port ${port}, which cannot be reached.`,
    remedy: socketOption(server, `clientPort: ${own}`),
  }
}

/**
 * The socket is at the address of the page.
 *
 * @param {Result} result
 * @param {Facts} facts
 * @returns {Cause | undefined}
 */
function causeAtPage(result, { answer, client, plain, results, server }) {
  const { pathname } = new URL(result.url)
  const { status } = result
  if (status !== undefined && GATEWAY_STATUS.includes(status)) {
    return {
      cause: 'gateway',
      sentence: `The proxy in front cannot reach the dev server for the WebSocket (status ${status}).`,
      remedy: ['Let it pass WebSockets on to the address that the dev server prints.'],
    }
  }
  const sight = plain?.seen?.at(-1)
  if (sight && sight.path !== pathname) {
    return pathChanged(pathname, sight.path, answer.software)
  }
  if (sight) return notPassedOn(answer.software, pathname)
  const base = results.find(({ name }) => name === 'base')
  if (base?.seen?.length || (plain?.seen && pathname !== client?.base))
    return notLedOn(pathname, answer, server)
  if (plain?.seen) return notLedOn(pathname, answer, server)
  return unasked(status, plain?.status, answer.software)
}

/**
 * @param {string | undefined} software
 * @param {string} path
 * @returns {Cause}
 */
function notPassedOn(software, path) {
  return {
    cause: 'upgrade-not-passed-on',
    sentence: `The proxy does not pass the upgrade on: other requests for ${path} arrive at the dev server, and this one does not.`,
    remedy: passUpgrade(software),
  }
}

/**
 * @param {string} path
 * @param {Facts['answer']} answer
 * @param {Facts['server']} server
 * @returns {Cause}
 */
function notLedOn(path, { software }, server) {
  return {
    cause: 'path-not-passed-on',
    sentence: `Requests for ${path}, the path of the WebSocket, do not lead to the dev server.`,
    remedy: [
      ...passPath(software, path),
      `Or take a path that does: \`base\`, and \`path\` of ${nameOfOptions(server)}.`,
    ],
  }
}

/**
 * Without the server's word only statuses tell, which browsers do not.
 *
 * @param {number | undefined} status Of the attempt.
 * @param {number | undefined} plain Of the same request without `Upgrade`.
 * @param {string | undefined} software
 * @returns {Cause | undefined}
 */
function unasked(status, plain, software) {
  if (status === 400) {
    return {
      cause: 'refused',
      sentence:
        'The server refuses the WebSocket (status 400): its token is that of an earlier server, or its host is not allowed.',
      remedy: ['Reload the page without its cache, or set server.allowedHosts.'],
    }
  }
  if (status === 426 || (status !== undefined && status === plain)) {
    return upgradeRemoved({ kind: 'request', path: '', host: '', forwarded: {} }, software)
  }
  return undefined
}

/** @param {URL} url */
function portOf({ port, protocol }) {
  return port || (/^(https|wss):$/.test(protocol) ? '443' : '80')
}
