'use strict'

/**
 * The browser's interfaces that the page's half uses. Browser code, see `browser-source.js`.
 *
 * @typedef {object} Host
 * @property {any} WebSocket
 * @property {any} MessageEvent
 * @property {any} CloseEvent
 * @property {any} MessageChannel
 * @property {any} SharedWorker Not everywhere.
 * @property {(run: () => void, milliseconds: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {(url: string, options: object) => Promise<any>} fetch
 * @property {() => number} now The wall clock: others may stand still while the machine sleeps.
 * @property {() => number} elapsed The clock of what the browser measures; 0 where there is none.
 * @property {() => number} random
 * @property {any} console
 */

/**
 * Taken once, when the page begins: tests that run in a page put clocks and sockets of their own in
 * the place of the browser's.
 *
 * @param {any} environment `globalThis`, of a page, of a worker or of Node.
 * @returns {Host}
 */
function hostOf(environment) {
  const { clearTimeout, console, fetch, setTimeout } = environment
  const { CloseEvent, MessageChannel, MessageEvent, SharedWorker, WebSocket } = environment
  return {
    WebSocket,
    MessageEvent,
    CloseEvent,
    MessageChannel,
    SharedWorker,
    setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
    clearTimeout: (timer) => clearTimeout(timer),
    fetch: (url, options) => fetch(url, options),
    now: environment.Date.now,
    elapsed: () => environment.performance?.now() ?? 0,
    random: environment.Math.random,
    console,
  }
}

module.exports = { hostOf }
