import { bytes, clock, duration, lastHadIt, receivers } from './format.mjs'

const MOST_CLIENTS = 30
const MOST_ENTRIES = 100

/** The text for a bug ticket: no payloads, no addresses, no secrets. */
export function reportOf({ about, stats, clients, gone, entries }) {
  const { refusals, reloads, closes, session, uptime, ...counters } = stats
  return [
    '### vite-native-ws report',
    '',
    `- vite-native-ws ${about.version}, Vite ${about.vite}, Node ${about.node}, ${about.platform}`,
    `- ${navigator.userAgent}`,
    `- options: \`${JSON.stringify(about.options)}\``,
    `- session ${session.slice(0, 8)}, up ${duration(uptime)}`,
    `- counters: \`${JSON.stringify(counters)}\``,
    `- reloads: \`${JSON.stringify(reloads)}\``,
    `- refusals: \`${JSON.stringify(refusals)}\`, closes: \`${JSON.stringify(closes)}\``,
    '',
    `#### Clients (${clients.length})`,
    '',
    '| # | browser | transport | state | queue | ping | in / out |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...clients.slice(0, MOST_CLIENTS).map(clientLine),
    ...gone.slice(-MOST_CLIENTS).map(goneLine),
    '',
    `#### Timeline (the last ${Math.min(entries.length, MOST_ENTRIES)} of ${entries.length})`,
    '',
    '| time | way | type | about | size | who | last had it |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...entries.slice(-MOST_ENTRIES).map(entryLine),
    '',
  ].join('\n')
}

function clientLine({ id, name, transport, isStalled, queued, roundTrip, messages }) {
  const state = isStalled ? 'does not read' : 'open'
  const ping = roundTrip === null ? '' : `${roundTrip} ms`
  return line(id, name, transport, state, bytes(queued), ping, messages.join(' / '))
}

function goneLine({ id, name, code, why }) {
  return line(id, name, '', `closed ${code}: ${why}`, '', '', '')
}

function entryLine(entry) {
  const { time, way, type, about, size } = entry
  const text = type === 'refused' || type === 'conflict' ? about.replace(/^\S+: /, '') : about
  return line(clock(time), way, type, text, bytes(size), receivers(entry), lastHadIt(entry))
}

function line(...cells) {
  return `| ${cells.map(inOneCell).join(' | ')} |`
}

/** Names come from applications and clients: line breaks and bars would leave the cell. */
function inOneCell(cell) {
  return String(cell)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('|', '\\|')
}
