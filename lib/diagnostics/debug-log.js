'use strict'

const { formatBytes, formatDuration, describeClose } = require('./close-reason.js')
const { createDebug } = require('./debug.js')
const { summarize } = require('./payload-summary.js')
const { addressOf, agentOf, nameOf } = require('./client-info.js')
const { limitLines } = require('./log-limit.js')

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('../vite/clients.js').Connection} Connection */
/** @typedef {import('./diagnostics.js').Observer} Observer */
/** @typedef {(line: string) => void} Say */

/** Longer paths are cut. */
const MAX_PATH_LENGTH = 200

/** @type {Record<string, (say: Say) => Observer>} */
const LOGS = { connection, upgrade, broadcast, keepalive, outbox, reconnect, reload }

/**
 * Observers that write a line for each event, as `DEBUG=vite-native-ws:*` asks for; none otherwise.
 * URLs are written without their query, which may hold Vite's token, and payloads not at all.
 *
 * @returns {Observer[]}
 */
function createLogs() {
  if (!process.env.DEBUG) return []
  return Object.entries(LOGS).flatMap(([name, create]) => {
    const say = createDebug(`vite-native-ws:${name}`)
    return say ? [create(say)] : []
  })
}

/** @param {Say} say @returns {Observer} */
function connection(say) {
  return {
    onOpened(client, clients) {
      say(`${nameClient(client)} connected, ${client.transport}; ${count(clients, 'client')}`)
    },
    onClosed(client, code, reason) {
      const { clientInfo } = client
      const since = clientInfo?.since ?? Date.now()
      const after = formatDuration(Date.now() - since)
      say(
        `${nameClient(client)} closed ${code} after ${after}: ${describeClose(code, reason, clientInfo)}`,
      )
    },
  }
}

/** @param {Say} say @returns {Observer} */
function upgrade(say) {
  const sayRefused = limitLines(say)
  const sayLeft = limitLines(say)
  return {
    onRefused(request, _reason, detail) {
      sayRefused(() => say(`refused upgrade from ${nameRequest(request)}: ${detail}`))
    },
    onConflict(request, outcome, by) {
      const when = outcome === 'taken' ? 'before us' : 'as well'
      sayRefused(() => say(`another listener (${by}) answered ${when}: ${nameRequest(request)}`))
    },
    onUpgrade(request, what) {
      sayLeft(() => say(`${what} from ${nameRequest(request)}`))
    },
    onOpened({ clientInfo }) {
      say(`accepted upgrade from ${clientInfo}`)
    },
  }
}

/** @param {Say} say @returns {Observer} */
function broadcast(say) {
  return {
    onBroadcast(text, { size }) {
      say(`${nameMessage(text)} to ${size === 1 ? '1 client' : `all ${size} clients`}`)
    },
    onSent(client, text) {
      say(`${nameMessage(text)} to ${nameClient(client)} alone`)
    },
  }
}

/** @param {Say} say @returns {Observer} */
function keepalive(say) {
  return {
    wantsKeepalive: true,
    onPinged(client) {
      say(`${nameClient(client)} was silent: pinged`)
    },
    onPonged(client, milliseconds) {
      say(`${nameClient(client)} answered the ping after ${milliseconds.toFixed(1)} ms`)
    },
    onDisconnected(client, reason) {
      if (reason === 'keepaliveTimeout') say(`${nameClient(client)} dropped: no answer to a ping`)
    },
  }
}

/** @param {Say} say @returns {Observer} */
function outbox(say) {
  return {
    onDropped(client, frames, isClosing) {
      const queued = formatBytes(client.bufferedAmount)
      const outcome = isClosing ? 'closed with 1013' : 'it will be told to reload'
      const what = `${count(frames, 'message')} dropped, ${queued} queued`
      say(`${nameClient(client)} does not read: ${what}; ${outcome}`)
    },
    onRecovered(client, frames) {
      say(`${nameClient(client)} reads again; ${count(frames, 'message')} had been dropped`)
    },
  }
}

/** @param {Say} say @returns {Observer} */
function reconnect(say) {
  return {
    onReturned(client, { away, missed }) {
      const what = missed === 0 ? 'it missed nothing' : `${count(missed, 'message')} sent again`
      say(`${nameClient(client)} is a page that is back after ${formatDuration(away)}: ${what}`)
    },
    onPageGivenUp(client, reason) {
      say(`${nameClient(client)} will not come back: ${reason}`)
    },
  }
}

/** @param {Say} say @returns {Observer} */
function reload(say) {
  return {
    onReload({ why, pages, connection: client, request, isDone }) {
      if (client) say(`${nameClient(client)} ${isDone ? 'has reloaded' : 'is to reload'}: ${why}`)
      else if (request) say(`a page that came back is to reload, ${nameRequest(request)}: ${why}`)
      else say(`${count(pages, 'client')} ${pages === 1 ? 'is' : 'are'} to reload: ${why}`)
    },
  }
}

/** @param {Connection} connection */
function nameClient({ clientInfo }) {
  return `client ${clientInfo?.number} (${clientInfo})`
}

/** @param {IncomingMessage} request */
function nameRequest({ socket, headers, url = '' }) {
  const who = [addressOf(socket) || 'a local socket', nameOf(agentOf(headers))]
  const path = url.slice(0, MAX_PATH_LENGTH).split('?', 1)[0]
  return `${who.filter(Boolean).join(', ')} for ${JSON.stringify(path).slice(1, -1)}`
}

/** @param {string} text */
function nameMessage(text) {
  const { type, about } = summarize(text)
  const name = about ? `${type} ${JSON.stringify(about).slice(1, -1)}` : type
  return `${name} (${formatBytes(Buffer.byteLength(text))})`
}

/**
 * @param {number} number
 * @param {string} noun
 */
function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

module.exports = { createLogs }
