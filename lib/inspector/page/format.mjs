export function bytes(count) {
  if (count < 1024) return `${Math.round(count)} B`
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(1)} KiB`
  return `${(count / 1024 ** 2).toFixed(1)} MiB`
}

export function milliseconds(time) {
  if (time >= 1000) return `${(time / 1000).toFixed(1)} s`
  return `${time.toFixed(time < 10 ? 2 : 0)} ms`
}

export function duration(time) {
  const seconds = Math.floor(time / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const from = parts.findIndex(Boolean)
  const shown = from < 0 ? [0] : parts.slice(from)
  const units = 'hms'.slice(3 - shown.length)
  return shown.map((value, place) => `${value}${units[place]}`).join(' ')
}

const CAUSES = {
  fullReload: 'a full-reload',
  overflow: 'not reading',
  restart: 'another server',
  notResumed: 'a return that could not make up for all',
}
const REASONS = {
  handshake: 'no WebSocket handshake',
  host: 'a host that is not allowed',
  token: 'a missing or wrong token',
  protocol: 'a malformed subprotocol',
  full: 'too many clients',
  closed: 'a server that has closed',
  exhausted: 'a limit of the system',
}

const CONFLICTS = { taken: 'an answer before ours', broken: 'an answer beside ours' }

/** Reloads and failed attempts by their causes; empty while there are none. */
export function causes({ reloads, refusals, conflicts, pagesGivenUp }) {
  return [
    byName('Told to reload', reloads, CAUSES),
    byName('Refused', refusals, REASONS),
    byName('Answered by another listener', conflicts, CONFLICTS),
    pagesGivenUp > 0 ? `Not expected back: ${count(pagesGivenUp)}.` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

function byName(title, counts, names) {
  const parts = Object.entries(counts)
    .filter(([, number]) => number > 0)
    .map(([key, number]) => `${count(number)} for ${names[key] ?? key}`)
  return parts.length > 0 ? `${title}: ${parts.join(', ')}.` : ''
}

/** 14:03:07.125 */
export function clock(time) {
  const date = new Date(time)
  const two = (value) => String(value).padStart(2, '0')
  const hours = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${hours}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

export function count(number) {
  return number.toLocaleString('en')
}

/** The receivers of a message: "2 of 2", "client 7". */
export function receivers({ way, client, delivery }) {
  if (way !== 'out') return client ? `client ${client}` : ''
  if (!delivery) return client ? `client ${client}` : 'all'
  const { delivered, expected, lost } = delivery
  const missing = lost > 0 ? `, ${lost} lost` : ''
  return client && !missing ? `client ${client}` : `${delivered} of ${expected}${missing}`
}

/** How long until the last client had it. */
export function lastHadIt({ delivery }) {
  if (!delivery) return ''
  if (!delivery.isSettled) return 'under way'
  return delivery.delivered > 0 ? milliseconds(delivery.lastMs) : 'nobody'
}
