'use strict'

const { hostOf } = require('./host.js')

/** @typedef {import('./host.js').Host} Host */
/**
 * @typedef {object} Question
 * @property {string} url Of the socket, without its query; a `fetch` has one of ours.
 * @property {'socket' | 'fetch'} ping How Vite's client asks.
 * @property {number} attempt Time for the answer, ms.
 */

/**
 * Whether any dev server answers at this address, asked as Vite's client asks before it reloads.
 * Browser code, see `browser-source.js`; it runs in a worker as well, so it stands by itself.
 *
 * @param {Question} question
 * @param {Host} host
 * @returns {Promise<boolean>}
 */
function ping(question, host) {
  const { url, attempt } = question
  return new Promise((resolve) => {
    /** @type {any} */
    let native
    /** @param {boolean} isThere */
    const end = (isThere) => {
      host.clearTimeout(timer)
      if (native) {
        native.onopen = native.onclose = null
        native.close()
      }
      resolve(isThere)
    }
    const timer = host.setTimeout(() => end(false), attempt)
    if (question.ping === 'fetch') {
      // The only header that such a request may carry (Vite 5.4 `client.ts`).
      const headers = { Accept: 'text/x-vite-ping' }
      const answer = host.fetch(url.replace(/^ws/, 'http'), { mode: 'no-cors', headers })
      answer.then(
        () => end(true),
        () => end(false),
      )
      return
    }
    native = new host.WebSocket(url, 'vite-ping')
    native.onopen = () => end(true)
    native.onclose = () => end(false)
  })
}

/**
 * The worker's half: every question brings the port for its answer.
 *
 * @param {any} scope Of the worker.
 */
function answerPings(scope) {
  const host = hostOf(scope)
  scope.onconnect = (/** @type {any} */ { ports: [port] }) => {
    port.onmessage = async (/** @type {any} */ { data, ports: [reply] }) => {
      reply.postMessage(await ping(data, host))
    }
  }
}

/**
 * Asks for a server from a shared worker, as Vite's client does since Vite 7: the browser writes a
 * red line about every attempt that fails, and this one's go to a console that nobody looks at.
 * There is one worker for a page, from the first question to the end of the page. Browser code, see
 * `browser-source.js`.
 */
class Pinger {
  /**
   * @param {string} url Of the page's socket.
   * @param {{ ping: 'socket' | 'fetch', attempt: number }} settings
   * @param {Host} host
   */
  constructor(url, { ping, attempt }, host) {
    const bare = new URL(url)
    // A request is listed among those of the page, by its URL alone: `RequestWatch` has to know it.
    bare.search = ping === 'fetch' ? 'vite-native-ws=ping' : ''
    /** @type {Question} */
    this.question = { url: bare.href, ping, attempt }
    this.host = host
    /** @type {any} */
    this.worker = undefined
    /** There are no shared workers in workers, and on Android. */
    this.hasWorker = host.SharedWorker !== undefined
  }

  /** @returns {Promise<boolean>} */
  async ask() {
    const answer = this.hasWorker ? await this.askWorker() : undefined
    return answer ?? ping(this.question, this.host)
  }

  /**
   * To be called while there is a server for sure. A worker can be kept from it where the page is
   * not, for example by a certificate that was accepted by a click (crbug.com/760708).
   */
  async checkWorker() {
    if (this.hasWorker && !(await this.askWorker())) this.hasWorker = false
  }

  /** @returns {Promise<boolean | undefined>} Nothing when there can be no worker. */
  askWorker() {
    const { attempt } = this.question
    const { clearTimeout, MessageChannel, setTimeout } = this.host
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      /** @param {boolean} [isThere] */
      const end = (isThere) => {
        clearTimeout(timer)
        port1.close()
        if (isThere === undefined) this.hasWorker = false
        resolve(isThere)
      }
      // Silence is no reason to do without the worker: after sleep this timer may be the first to
      // run. The page comes back without an answer, see `Outage`, and checks the worker then.
      const timer = setTimeout(() => end(false), 2 * attempt)
      port1.onmessage = (/** @type {any} */ { data }) => end(data)
      try {
        this.worker ??= this.openWorker()
        this.worker.onerror = () => end()
        this.worker.port.postMessage(this.question, [port2])
      } catch {
        end()
      }
    })
  }

  /** @returns {any} */
  openWorker() {
    const text = `${hostOf}\n${ping}\n${answerPings}\nanswerPings(self)`
    const blob = new Blob([text], { type: 'text/javascript' })
    return new this.host.SharedWorker(URL.createObjectURL(blob))
  }
}

module.exports = { answerPings, ping, Pinger }
