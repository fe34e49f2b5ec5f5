'use strict'

/**
 * What the page's half goes by. Milliseconds where nothing else is said.
 *
 * @typedef {object} ReconnectSettings
 * @property {'socket' | 'fetch'} ping How Vite's client asks for a server: a socket since Vite 6.
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
 * @property {number} maxMessages Messages to the server that wait for its word.
 * @property {number} maxBytes Their size; one message may be larger.
 */

/** @type {Readonly<Omit<ReconnectSettings, 'ping'>>} */
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
  maxMessages: 1_000,
  maxBytes: 4 * 1024 * 1024,
})

module.exports = { SETTINGS }
