'use strict'

/** @typedef {import('../../index.js').NativeWsStats} NativeWsStats */
/** @typedef {[labels: Record<string, string>, value: number]} Sample */

/**
 * The counters in Prometheus' text format (0.0.4).
 *
 * @param {NativeWsStats} stats
 */
function toPrometheus(stats) {
  const one = (/** @type {number} */ value) => [/** @type {Sample} */ ([{}, value])]
  /** @param {Record<string, number>} values @param {string} label */
  const by = (values, label) =>
    Object.entries(values).map(([key, value]) => /** @type {Sample} */ ([{ [label]: key }, value]))
  const queued = stats.perClient.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0)
  return [
    metric('clients', 'gauge', 'Clients connected now.', one(stats.clients)),
    metric('queued_bytes', 'gauge', 'Bytes sent to clients and not yet written.', one(queued)),
    metric('uptime_seconds', 'gauge', 'Age of the server.', one(stats.uptime / 1000)),
    metric('clients_total', 'counter', 'Clients so far, by transport.', [
      [{ transport: 'adopted' }, stats.adopted],
      [{ transport: 'bridged' }, stats.bridged],
    ]),
    metric('messages_total', 'counter', 'Whole messages.', by({ ...stats.messages }, 'direction')),
    metric('frames_total', 'counter', 'Frames.', by({ ...stats.frames }, 'direction')),
    metric('bytes_total', 'counter', 'Bytes of frames.', by({ ...stats.bytes }, 'direction')),
    metric('broadcasts_total', 'counter', 'Payloads sent to all clients.', one(stats.broadcasts)),
    metric('dropped_messages_total', 'counter', 'Messages not sent.', one(stats.droppedMessages)),
    metric('overflows_total', 'counter', 'Clients over their mark.', one(stats.overflows)),
    metric('pings_total', 'counter', 'Keepalive pings sent.', one(stats.pings)),
    metric(
      'keepalive_timeouts_total',
      'counter',
      'Clients that did not answer keepalive pings.',
      one(stats.keepaliveTimeouts),
    ),
    metric('returns_total', 'counter', 'Pages that came back.', one(stats.returns)),
    metric('pages_given_up_total', 'counter', 'Pages not expected back.', one(stats.pagesGivenUp)),
    metric('reloads_total', 'counter', 'Pages told to reload.', by(stats.reloads, 'cause')),
    metric('refusals_total', 'counter', 'Upgrades refused.', by(stats.refusals, 'reason')),
    metric(
      'conflicts_total',
      'counter',
      'Upgrades that another listener answered.',
      by({ ...stats.conflicts }, 'outcome'),
    ),
    metric('closes_total', 'counter', 'Clients that have left.', by(stats.closes, 'code')),
  ].join('')
}

/**
 * @param {string} name
 * @param {'counter' | 'gauge'} type
 * @param {string} help
 * @param {Sample[]} samples
 */
function metric(name, type, help, samples) {
  const full = `vite_native_ws_${name}`
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, label]) => `${key}="${label}"`)
    return `${full}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
  })
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.map((line) => `${line}\n`).join('')}`
}

module.exports = { toPrometheus }
