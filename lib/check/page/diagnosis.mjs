import { listenerCause } from './causes.mjs'
import { allowHost, nameOf, raiseIdleLimit, socketOption } from './remedies.mjs'
import { causeBySight } from './seen.mjs'
import { causeByAddress } from './unseen.mjs'

/** @typedef {import('./facts.mjs').Facts} Facts */
/** @typedef {import('./facts.mjs').Result} Result */
/** @typedef {import('./facts.mjs').Diagnosis} Diagnosis */

/** Messages that the server sends over every connection of a check. */
const EXPECTED_MESSAGES = 2

/** Milliseconds that a keepalive which is off, or not known, is taken for: nginx cuts after 60 s. */
const UNKNOWN_KEEPALIVE_MS = 62_000
/** The most that anybody is to wait. */
const MAX_WATCH_MS = 65_000
const MARGIN_MS = 2_000

/** Errors of Node's about an answer in another protocol. Browsers do not tell them from silence. */
const FOREIGN = /^(EPROTO|ERR_SSL_|HPE_)/

/**
 * Milliseconds after which a connection that is still open will be kept: a ping has passed over it.
 *
 * @param {import('./facts.mjs').ServerFacts} [server]
 */
export function watchOf(server) {
  return Math.min(MAX_WATCH_MS, (server?.keepalive || UNKNOWN_KEEPALIVE_MS) + MARGIN_MS)
}

/**
 * The cause why a page does not connect, and what is to be done about it.
 *
 * @param {Facts} facts
 * @returns {Diagnosis}
 */
export function diagnose(facts) {
  const unloaded = causeOfNoClient(facts)
  if (unloaded) return { ...unloaded, isConnected: false }
  const [first, direct] = ['first', 'direct'].map((name) =>
    facts.results.find((result) => result.name === name),
  )
  if (!first) return { ...UNKNOWN, isConnected: false }
  const good = [first, direct].find((result) => result && isGood(result, facts))
  if (good === first) return connected(facts, first)
  const bad = causeOfBreak(first, facts) ?? causeOf(first, facts)
  if (!good) return { ...bad, isConnected: false }
  return {
    ...bad,
    isConnected: true,
    sentence: `It connects at its second try, to ${good.url}, since the first fails: ${bad.sentence}`,
  }
}

const UNKNOWN = {
  cause: 'unknown',
  sentence: 'The cause could not be found.',
  remedy: [
    'Start the dev server with DEBUG=vite-native-ws:upgrade and look whether requests arrive.',
  ],
}

/**
 * @param {Facts} facts
 * @param {Result} first
 * @returns {Diagnosis}
 */
function connected({ server }, first) {
  const sentence = `It connects, at ${first.url}.`
  const note = server
    ? []
    : ['The dev server was not asked: vite-native-ws is not there, or `inspector` is false.']
  return { cause: 'connected', isConnected: true, sentence, remedy: note }
}

/**
 * @param {Result} result
 * @param {Facts} facts
 */
function isGood(result, facts) {
  return result.state === 'open' && causeOfBreak(result, facts) === undefined
}

/**
 * @param {Facts} facts
 */
function causeOfNoClient({ page, answer, client }) {
  const { host, origin } = new URL(page)
  if (answer.blockedHost !== undefined) {
    const name = nameOf(answer.blockedHost || host)
    return {
      cause: 'host-not-allowed',
      sentence: `Vite does not answer requests for the name ${name}, which is not allowed.`,
      remedy: allowHost(name),
    }
  }
  if (client) return undefined
  if (answer.error && FOREIGN.test(answer.error)) {
    const { protocol } = new URL(page)
    const other = protocol === 'https:' ? 'http:' : 'https:'
    return {
      cause: 'no-answer',
      sentence: `What answers at ${origin} does not speak ${protocol.slice(0, -1)} (${answer.error}).`,
      remedy: [
        `Take the address that the dev server prints; try ${origin.replace(protocol, other)}.`,
      ],
    }
  }
  if (answer.error) {
    return {
      cause: 'no-answer',
      sentence: `Nothing answers at ${origin} (${answer.error}).`,
      remedy: ['Start the dev server, and take the address that it prints.'],
    }
  }
  return {
    cause: 'no-client',
    sentence: `Vite's client is not at ${page} (status ${answer.status}).`,
    remedy: ['Give the address at which the application opens, with its `base`.'],
  }
}

/**
 * The cause of a connection that opened and is no good.
 *
 * @param {Result} result
 * @param {Facts} facts
 */
function causeOfBreak({ state, url, messages, closedAfter, seen }, { server, answer }) {
  if (state !== 'open') return undefined
  const broken = seen?.find(({ result }) => result === 'broken')
  if (broken) return listenerCause('broke', broken.reason)
  if (seen && !seen.some(({ result }) => result === 'accepted')) {
    return {
      cause: 'another-server',
      sentence: `Another server than this one accepts WebSockets at ${url}.`,
      remedy: [
        'Stop the other one, or give each dev server a port of its own: server: { port: 5174, strictPort: true }',
      ],
    }
  }
  const isHeldBack = messages === 0 || (messages < EXPECTED_MESSAGES && closedAfter === undefined)
  if (seen && isHeldBack) {
    return {
      cause: 'held-back',
      sentence: `What the server sends over ${url} does not arrive: something between holds it back.`,
      remedy: ['Switch buffering and compression of answers off in the proxy for this path.'],
    }
  }
  return closedAfter === undefined ? undefined : cut(closedAfter, server, answer.software)
}

/**
 * @param {number} after
 * @param {Facts['server']} server
 * @param {string | undefined} software
 */
function cut(after, server, software) {
  const seconds = (after / 1000).toFixed(after < 10_000 ? 1 : 0)
  const interval = Math.max(500, Math.floor(after / 2 / 500) * 500)
  const how = server?.keepalive
    ? `although the server would send a ping after ${server.keepalive / 1000} s`
    : 'and the server sends no pings'
  return {
    cause: 'cut-while-idle',
    sentence: `A silent connection is cut after ${seconds} s by what is between, ${how}.`,
    remedy: [
      ...raiseIdleLimit(software),
      'or, in vite.config.js:',
      `nativeWs({ keepalive: ${interval} })`,
    ],
  }
}

/**
 * @param {Result} result
 * @param {Facts} facts
 */
function causeOf(result, facts) {
  const { page, isStale, server } = facts
  if (result.state === 'blocked') {
    const { hostname, port } = new URL(page)
    return {
      cause: 'insecure-socket',
      sentence: `The page came over https, and browsers let it open no socket in the clear (${result.url}).`,
      remedy: socketOption(
        server,
        `protocol: 'wss', host: '${hostname}', clientPort: ${port || 443}`,
      ),
    }
  }
  if (isStale) {
    return {
      cause: 'old-token',
      sentence:
        "Something between keeps Vite's client of before the last restart, whose token is no longer valid.",
      remedy: [
        'Let the proxy, or the service worker of the page, keep nothing of the dev server. nginx:',
        'proxy_cache off;',
      ],
    }
  }
  return causeBySight(result, facts) ?? causeByAddress(result, facts) ?? UNKNOWN
}
