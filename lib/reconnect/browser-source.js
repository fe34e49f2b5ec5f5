'use strict'

const { CheckHint } = require('./browser/check-hint.js')
const { Dialer } = require('./browser/dialer.js')
const { hostOf } = require('./browser/host.js')
const { askIdentity } = require('./browser/identity.js')
const { Liveness } = require('./browser/liveness.js')
const { readMessage } = require('./browser/message.js')
const { NativeSocket } = require('./browser/native-socket.js')
const { OutageEvents } = require('./browser/outage-events.js')
const { Outage } = require('./browser/outage.js')
const { Page } = require('./browser/page-lifecycle.js')
const { PageReload } = require('./browser/page-reload.js')
const { answerPings, ping, Pinger } = require('./browser/ping.js')
const { RequestWatch } = require('./browser/request-watch.js')
const { ResumableSocket, snapshot } = require('./browser/resumable-socket.js')
const { REASONS, SETTINGS } = require('./browser/settings.js')
const { SocketTarget } = require('./browser/socket-target.js')
const { Unacknowledged } = require('./browser/unacknowledged.js')
const { UpdateWatch } = require('./browser/update-watch.js')
const { loadBinary } = require('../native/binary.js')
const { CANNOT_RESUME, LOST, RELOADED } = require('./sessions.js')

/** The class of a socket that survives the loss of its connection. */
const OPENER = 'openResumable'

/** The connection check, from Vite's client. */
const CHECK_PATH = '../__ws/check/'

/** Everything that runs in the page. What a class extends stands before it. */
const PARTS = [
  hostOf,
  askIdentity,
  readMessage,
  snapshot,
  ping,
  answerPings,
  NativeSocket,
  CheckHint,
  Dialer,
  Liveness,
  Outage,
  OutageEvents,
  Page,
  PageReload,
  Pinger,
  RequestWatch,
  SocketTarget,
  Unacknowledged,
  UpdateWatch,
  ResumableSocket,
]

/**
 * The browser code as function declarations, which are there before their module runs: the text of
 * the functions and classes of this folder as they stand, without imports and without a build. In
 * that module `WebSocket` is one of them, for the global one.
 *
 * @param {'socket' | 'fetch'} ping How Vite's client asks whether there is a server.
 * @param {boolean} hasCheck Whether the server has a page that says why there is no connection.
 * @returns {string}
 */
function reconnectSource(ping, hasCheck) {
  const check = hasCheck ? CHECK_PATH : undefined
  const settings = JSON.stringify({ ...settingsOf(ping), check })
  const body = PARTS.map(String).join('\n\n')
  return `function ${OPENER}(url, protocol) {
${body}

const settings = ${settings}
const source = import.meta.url
${OPENER}.hint ??= new CheckHint(settings, hostOf(globalThis), source)
return new ResumableSocket(url, protocol, settings, {
  hot: () => hmrClient,
  source,
  hint: ${OPENER}.hint,
})
}

function WebSocket(url, protocol) {
  if (protocol === 'vite-hmr') return ${OPENER}(url, protocol)
  return new globalThis.WebSocket(url, protocol)
}
`
}

/**
 * @param {'socket' | 'fetch'} ping
 * @returns {import('./browser/settings.js').ReconnectSettings}
 */
function settingsOf(ping) {
  return {
    ...SETTINGS,
    ping,
    texts: loadBinary().controlTexts(),
    cannotResume: CANNOT_RESUME,
    lost: LOST,
    reloaded: RELOADED,
    reasons: REASONS,
  }
}

module.exports = { OPENER, reconnectSource, settingsOf }
