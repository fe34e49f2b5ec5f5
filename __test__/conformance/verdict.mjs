import { bytesOf } from '../support/frame.mjs'

/**
 * @typedef {{ opcode: number, payload: Buffer } | { timeout: string }} Event
 * @typedef {'OK' | 'NON-STRICT' | 'FAILED' | 'INFORMATIONAL'} Verdict
 */

/**
 * @param {Event[]} events
 * @param {import('./scenario.mjs').Seen[]} seen
 */
export function matches(events, seen) {
  return events.length === seen.length && seen.every((each, i) => same(events[i], each))
}

function same(event, seen) {
  if ('timeout' in seen) return event.timeout === seen.timeout
  return event.opcode === seen.opcode && bytesOf(seen.payload).equals(event.payload)
}

/**
 * The Autobahn test suite's verdict, with two of its warnings (a wrong close code, a TCP connection
 * that the client had to drop) counted as failures.
 *
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {object} played
 * @returns {{ verdict: Verdict, reason: string }}
 */
export function judge(scenario, played) {
  const behaviour = Object.keys(scenario.expect).find((key) =>
    matches(played.events, scenario.expect[key]),
  )
  const reason = behaviour ? closeFault(scenario, played) : `saw ${describe(played.events)}`
  if (scenario.informational) return { verdict: 'INFORMATIONAL', reason: reason || 'as OK' }
  return { verdict: reason ? 'FAILED' : behaviour, reason }
}

function closeFault({ ending, absent }, played) {
  const { closedBy, clean, remoteCode, droppedBy, violations, handshake } = played
  if (violations.length) return violations.join('; ')
  if (absent && handshake.toLowerCase().includes(`\n${absent}:`)) return `${absent} in the 101`
  if ((ending.by === 'client') !== (closedBy === 'client')) {
    return `closed by ${closedBy ?? 'nobody'}, not by the ${ending.by}`
  }
  if (ending.clean && !clean) return 'no close handshake'
  if (remoteCode !== undefined && !ending.codes.includes(remoteCode)) {
    return `close code ${remoteCode}, not ${ending.codes.join(' or ')}`
  }
  return droppedBy === 'client' ? 'the server left the TCP connection open' : ''
}

function describe(events) {
  const shown = events.slice(0, 4).map((event) => {
    if ('timeout' in event) return `timeout ${event.timeout}`
    return `opcode ${event.opcode} of ${event.payload.length} bytes`
  })
  const more = events.length > 4 ? `, … (${events.length})` : ''
  return shown.length ? shown.join(', ') + more : 'nothing'
}
