'use strict'

/**
 * Settings of the page's half. Milliseconds where nothing else is said.
 *
 * @typedef {object} ReconnectSettings
 * @property {'socket' | 'fetch'} ping How Vite's client asks for a server: a socket since Vite 6.
 * @property {import('./message.js').Texts} texts How messages begin, as the core has it.
 * @property {number} cannotResume The close code of a server that cannot go on with a page.
 * @property {number} lost The close code of a page that takes its connection for lost.
 * @property {string} reloaded The event by which a page says why it has reloaded by itself.
 * @property {typeof REASONS} reasons
 * @property {number} firstRetry The longest wait before the first attempt; it doubles from there.
 * @property {number} lastRetry The longest wait between attempts, or pings: what Vite's client waits.
 * @property {number} firstBlind Time without an attempt after which one needs no answer to a ping;
 *   it doubles from there.
 * @property {number} lastBlind The longest such time.
 * @property {number} settled A connection that lasted so long begins with the first wait again.
 * @property {number} attempt Time for one attempt, and for one ping.
 * @property {number} leaving Wait of a page that was about to go.
 * @property {number} quiet Silence before the page asks whether the server is there.
 * @property {number} answer Time for the answer.
 * @property {number} urgentAnswer The same after sleep, another network or a hidden tab.
 * @property {number} lateness A timer that is later than this has slept.
 * @property {number} report Time for the server to say that it cannot serve what did not load.
 * @property {number} effect Time behind a message in which a request counts as caused by it.
 * @property {number} unnoticed Time by which the end of a connection may be known too late.
 * @property {number} doubt Time for which a failed request stands in the way of a return.
 * @property {number} hanging Time behind a return for what was asked for before the loss.
 * @property {number} reloadTries Times that a page which has to reload asks for the server, a second
 *   apart, before it does so anyway.
 * @property {number} lastTry Time behind a failed attempt in which Vite's client begins its next one.
 * @property {string} [check] The page that says why there is no connection, from Vite's client.
 * @property {number} maxMessages Messages to the server that wait for its word.
 * @property {number} maxBytes Their size; one message may be larger.
 */

/** Why a page cannot go on, where it is the page that finds out. For people. */
const REASONS = Object.freeze({
  another: 'the dev server is another one',
  failed: 'it failed to reconnect',
  foreign: 'another server answered',
  overtaken: 'it has loaded something newer than what it missed',
  restarted: 'the dev server was restarted, or is another one',
  spoiled: 'something that it was told to fetch did not arrive',
  unsent: 'it had more to say than it keeps',
})

/**
 * @type {Readonly<Omit<ReconnectSettings, 'ping' | 'texts' | 'cannotResume' | 'lost' | 'reloaded' | 'reasons' | 'check'>>}
 */
const SETTINGS = Object.freeze({
  firstRetry: 100,
  lastRetry: 1_000,
  firstBlind: 10_000,
  lastBlind: 60_000,
  settled: 10_000,
  attempt: 5_000,
  leaving: 3_000,
  quiet: 10_000,
  answer: 5_000,
  urgentAnswer: 3_000,
  lateness: 2_000,
  report: 500,
  effect: 2_000,
  unnoticed: 1_000,
  doubt: 30_000,
  hanging: 3_000,
  reloadTries: 10,
  lastTry: 1_000,
  maxMessages: 1_000,
  maxBytes: 4 * 1024 * 1024,
})

module.exports = { REASONS, SETTINGS }
