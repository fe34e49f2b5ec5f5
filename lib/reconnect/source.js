'use strict'

const { Dialer } = require('./dialer.js')
const { hostOf } = require('./host.js')
const { Liveness } = require('./liveness.js')
const { readMessage, writeMessage } = require('./message.js')
const { Outage } = require('./outage.js')
const { Page } = require('./page.js')
const { answerPings, ping, Pinger } = require('./ping.js')
const { ResumableSocket, snapshot } = require('./resumable-socket.js')
const { SETTINGS } = require('./settings.js')
const { SocketTarget } = require('./socket-target.js')
const { Unacknowledged } = require('./unacknowledged.js')

/** As long as `new WebSocket`, so that nothing moves in the module where it stands instead. */
const CALLEE = 'openResumable'

/** Everything that runs in the page. What a class extends stands before it. */
const PARTS = [
  hostOf,
  readMessage,
  writeMessage,
  snapshot,
  ping,
  answerPings,
  Dialer,
  Liveness,
  Outage,
  Page,
  Pinger,
  SocketTarget,
  Unacknowledged,
  ResumableSocket,
]

/**
 * The browser code as one function declaration, which is there before its module runs: the text of
 * the functions and classes of this folder as they stand, without imports and without a build.
 *
 * @param {'socket' | 'fetch'} ping How Vite's client asks whether there is a server.
 * @returns {string}
 */
function reconnectSource(ping) {
  const settings = JSON.stringify({ ...SETTINGS, ping })
  const body = PARTS.map(String).join('\n\n')
  return `function ${CALLEE}(url, protocol) {
${body}

return new ResumableSocket(url, protocol, ${settings})
}
`
}

module.exports = { CALLEE, reconnectSource }
