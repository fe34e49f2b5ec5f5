'use strict'

const constants = require('../native/constants.js')

/** @typedef {import('../vite/clients.js').Clients} Clients */
/** @typedef {import('./diagnostics.js').Diagnostics} Diagnostics */
/** @typedef {import('../native/native.js').NativeStats} NativeStats */
/** @typedef {import('../../index.js').NativeWsStats} NativeWsStats */
/** @typedef {import('../../index.js').NativeWsClientStats} NativeWsClientStats */

/**
 * The counters of a server at this moment. Documented in `index.d.ts`.
 *
 * @param {object} of
 * @param {string} of.instance
 * @param {Clients} of.clients
 * @param {Diagnostics} of.diagnostics
 * @returns {NativeWsStats}
 */
function readStats({ instance, clients, diagnostics }) {
  const native = clients.connections.native.stats()
  const now = Date.now()
  return {
    engine: 'native',
    session: instance,
    uptime: now - diagnostics.started,
    ioThreads: native.ioThreads,
    clients: clients.size,
    clientsTotal: diagnostics.clientsTotal,
    adopted: native.adopted,
    bridged: native.bridged,
    messages: { in: native.messagesIn, out: native.messagesOut },
    frames: { in: native.framesIn, out: native.framesOut },
    bytes: { in: native.bytesIn, out: native.bytesOut },
    broadcasts: diagnostics.broadcasts,
    droppedMessages: native.droppedMessages,
    overflows: native.overflows,
    pings: native.pings,
    keepaliveTimeouts: native.keepaliveTimeouts,
    returns: diagnostics.returns,
    pagesGivenUp: diagnostics.pagesGivenUp,
    reloads: { ...diagnostics.reloads },
    refusals: { ...diagnostics.refusals },
    conflicts: { ...diagnostics.conflicts },
    closes: { ...diagnostics.closes },
    disconnects: { ...diagnostics.disconnects },
    perClient: readClients(native.clients, clients, now),
  }
}

/**
 * @param {Float64Array} rows
 * @param {Clients} clients
 * @param {number} now
 * @returns {NativeWsClientStats[]} In order of arrival.
 */
function readClients(rows, { tracked }, now) {
  const columns = constants.clientColumns
  /** @type {NativeWsClientStats[]} */
  const all = []
  for (let at = 0; at < rows.length; at += columns.length) {
    /** @type {Record<string, number>} */
    const row = {}
    for (const [place, name] of columns.entries()) row[name] = rows[at + place]
    const connection = tracked.get(row.id)
    if (!connection) continue
    const { clientInfo, transport } = connection
    all.push({
      id: clientInfo?.number ?? row.id,
      address: clientInfo?.address ?? '',
      userAgent: clientInfo?.agent ?? '',
      transport,
      connectedSince: clientInfo?.since ?? now,
      lastSeen: Math.round(now - row.silence),
      roundTrip: Number.isNaN(row.roundTrip) ? null : row.roundTrip,
      queuedBytes: row.queuedBytes + connection.unwrittenBytes,
      messages: { in: row.messagesIn, out: row.messagesOut },
      frames: { in: row.framesIn, out: row.framesOut },
      bytes: { in: row.bytesIn, out: row.bytesOut },
    })
  }
  return all.sort((a, b) => a.id - b.id)
}

/**
 * Of a server that is turned off.
 *
 * @returns {NativeWsStats}
 */
function emptyStats() {
  const none = () => ({ in: 0, out: 0 })
  return {
    engine: 'native',
    session: '',
    uptime: 0,
    ioThreads: 0,
    clients: 0,
    clientsTotal: 0,
    adopted: 0,
    bridged: 0,
    messages: none(),
    frames: none(),
    bytes: none(),
    broadcasts: 0,
    droppedMessages: 0,
    overflows: 0,
    pings: 0,
    keepaliveTimeouts: 0,
    returns: 0,
    pagesGivenUp: 0,
    reloads: { fullReload: 0, overflow: 0, restart: 0, notResumed: 0 },
    refusals: { handshake: 0, host: 0, token: 0, protocol: 0, full: 0, closed: 0, exhausted: 0 },
    conflicts: { taken: 0, broken: 0 },
    closes: {},
    disconnects: {},
    perClient: [],
  }
}

module.exports = { emptyStats, readStats }
