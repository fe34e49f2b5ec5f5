// The check: what a page at an address would try, and what the server says of it.
import { isMixedContent, planAttempts, urlOf } from './attempts.mjs'
import { readClientSettings } from './client-settings.mjs'
import { diagnose, watchOf } from './diagnosis.mjs'

/** @typedef {import('./facts.mjs').Facts} Facts */
/** @typedef {import('./facts.mjs').Outcome} Outcome */
/** @typedef {import('./facts.mjs').Result} Result */
/** @typedef {import('./facts.mjs').ServerFacts} ServerFacts */
/**
 * @typedef {object} Answer
 * @property {string} url Behind redirects.
 * @property {number} [status]
 * @property {string} [software] The `Server` header.
 * @property {string} [error] A code, where there was no answer.
 * @property {string} text
 */
/**
 * Requests and WebSockets, of a terminal or of a page.
 *
 * @typedef {object} Transport
 * @property {(url: string, headers?: Record<string, string>) => Promise<Answer>} get
 * @property {(url: string, origin: string, watch: number, patience?: number) =>
 *   { opened: Promise<boolean>, outcome: Promise<Outcome> }} dial Opens a WebSocket as the page at an
 *   origin would, and closes it after so many milliseconds.
 */

/** The header by which Vite's client is asked for without being a page. */
const CHECK_HEADERS = { 'X-Vite-Native-WS-Check': '1' }
const BLOCKED = /Blocked request\. This host \(?"?([^")]*)"?\)? is not allowed/

/** Milliseconds for which all but the first are watched. */
const SHORT_MS = 1_000

/**
 * @param {string} address Of the application.
 * @param {Transport} transport
 * @param {object} [options]
 * @param {number} [options.watch] Milliseconds for which an open connection is watched; by default as
 *   long as the keepalive of the server takes.
 * @param {number} [options.patience] Milliseconds that the opening of a connection may take.
 * @param {(url: string, milliseconds: number) => void} [options.onOpen] Begins to watch.
 * @returns {Promise<{ facts: Facts, diagnosis: import('./facts.mjs').Diagnosis }>}
 */
export async function examine(address, transport, { watch, patience, onOpen = () => {} } = {}) {
  const facts = await findClient(address, transport)
  const { client, page } = facts
  if (!client) return { facts, diagnosis: diagnose(facts) }
  const { origin } = new URL(page)
  const asked = await Server.ask(page, client.base, transport)
  facts.server = asked?.server
  const milliseconds = watch ?? watchOf(facts.server)
  /** @param {import('./attempts.mjs').Attempt} attempt */
  async function run(attempt) {
    if (isMixedContent(page, attempt.url)) {
      return facts.results.push({ ...attempt, state: 'blocked', messages: 0 })
    }
    const isFirst = attempt.name === 'first'
    const url = urlOf(attempt, /** @type {any} */ (client).token, asked?.mark(attempt.name))
    const { opened, outcome } = transport.dial(
      url,
      origin,
      isFirst ? milliseconds : SHORT_MS,
      patience,
    )
    if ((await opened) && isFirst) onOpen(attempt.url, milliseconds)
    facts.results.push({ ...attempt, ...(await outcome) })
  }
  const [first, ...others] = planAttempts(page, client, facts.server)
  await run(first)
  if (facts.results[0].state !== 'open') await Promise.all(others.map(run))
  const plain = origin + client.path
  const { status } = await transport.get(asked ? `${plain}?${asked.mark('plain')}` : plain)
  facts.plain = { status }
  await asked?.fillIn(facts)
  return { facts, diagnosis: diagnose(facts) }
}

/**
 * @param {string} address
 * @param {Transport} transport
 * @returns {Promise<Facts>}
 */
async function findClient(address, { get }) {
  const folder = address.endsWith('/') ? address : `${address}/`
  let page = new URL('@vite/client', folder).href
  let answer = await getClient(page, get)
  if (!readClientSettings(answer.text) && !answer.error && answer.status !== 403) {
    // The page knows where its client is.
    const html = await get(address)
    const [, source] = /["']([^"'\s]*\/@vite\/client)["']/.exec(html.text) ?? []
    const other = await getClient(new URL(source ?? '/@vite/client', html.url).href, get)
    if (readClientSettings(other.text)) answer = other
  }
  page = answer.url
  const client = readClientSettings(answer.text)
  const { status, error, software } = answer
  const blockedHost = status === 403 ? BLOCKED.exec(answer.text)?.[1] : undefined
  const fresh = client && (await getClient(page, get, { 'Cache-Control': 'no-cache' }))
  const token = fresh && readClientSettings(fresh.text)?.token
  const isStale = token !== undefined && token !== client?.token
  return { page, answer: { status, error, software, blockedHost }, client, isStale, results: [] }
}

/**
 * Vite's client; with `experimental.bundledDev` (Vite 8) its place has only the name of another file.
 *
 * @param {string} address
 * @param {Transport['get']} get
 * @param {Record<string, string>} [more]
 * @returns {Promise<Answer>}
 */
async function getClient(address, get, more) {
  const headers = { ...CHECK_HEADERS, ...more }
  const answer = await get(address, headers)
  const [, other] = /^export \* from "(\/[^"]+)"/.exec(answer.text) ?? []
  return other ? get(new URL(other, answer.url).href, headers) : answer
}

/** The dev server's own side of a check. */
class Server {
  /**
   * @param {string} page
   * @param {string} base
   * @param {Transport} transport
   */
  static async ask(page, base, { get }) {
    const place = new URL(`${base}__ws/check/`, page).href
    const { status, text } = await get(place)
    const [, token] = /<meta name="check" content="([\w-]+)"/.exec(text) ?? []
    if (status !== 200 || !token) return undefined
    const headers = { 'X-Vite-Native-WS-Token': token }
    const begun = await get(`${place}begin`, headers)
    if (begun.status !== 200) return undefined
    return new Server((path) => get(place + path, headers), JSON.parse(begun.text))
  }

  /**
   * @param {(path: string) => Promise<Answer>} get
   * @param {{ id: string, parameter: string, server: ServerFacts }} begun
   */
  constructor(get, { id, parameter, server }) {
    this.get = get
    this.id = id
    this.parameter = parameter
    this.server = server
  }

  /** @param {string} name */
  mark(name) {
    return `${this.parameter}=${this.id}.${name}`
  }

  /** @param {Facts} facts */
  async fillIn(facts) {
    const { status, text } = await this.get(`seen/${this.id}`)
    if (status !== 200) return
    const seen = /** @type {(import('./facts.mjs').Sight & { name: string })[]} */ (
      JSON.parse(text)
    )
    for (const result of facts.results)
      result.seen = seen.filter(({ name }) => name === result.name)
    if (facts.plain) facts.plain.seen = seen.filter(({ name }) => name === 'plain')
  }
}
