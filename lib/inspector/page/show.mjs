import * as format from './format.mjs'
import { setText } from './rows.mjs'

const WAYS = { out: ['↑', 'sent'], in: ['↓', 'received'], life: ['•', 'connection'] }
const BAD = ['!', 'problem']
const BAD_TYPES = new Set(['conflict', 'error', 'given up', 'overflow', 'refused'])
/** Close codes of a page that was left, or of a client that was closed on purpose. */
const GOOD_CLOSE = /^(1000|1001|1005|1012):/

// The class and the heading of each column.
/** @type {[name: string, title: string][]} */
export const CLIENT_COLUMNS = [
  ['id', 'Client'],
  ['name', 'Browser'],
  ['state', 'State'],
  ['queue', 'Waiting'],
  ['ping', 'Round trip'],
  ['traffic', 'In / out'],
  ['address', 'Address'],
]
/** @type {[name: string, title: string][]} */
export const ENTRY_COLUMNS = [
  ['time', 'Time'],
  ['arrow', 'Way'],
  ['type', 'Type'],
  ['about', 'About'],
  ['size', 'Size'],
  ['who', 'Clients'],
  ['last', 'Last had it'],
]

/** Whether something went wrong, for a client that is here or has left. */
function isBadClient({ code, isStalled }) {
  return code === undefined ? isStalled : !GOOD_CLOSE.test(`${code}:`)
}

export function isBadEntry({ type, about, way }) {
  if (way === 'life' && type === 'close') return !GOOD_CLOSE.test(about)
  return BAD_TYPES.has(type) && (way !== 'in' || type === 'error')
}

export function showClient(row, cells, client) {
  const isGone = client.code !== undefined
  const isBad = isBadClient(client)
  row.className = `row${isGone ? ' gone' : ''}${isBad ? ' bad' : ''}`
  row.dataset.id = client.id
  const open = client.isStalled ? 'does not read' : client.queued > 0 ? 'behind' : 'open'
  const texts = [
    client.id,
    client.name || '–',
    isGone ? `closed ${client.code}: ${client.why}` : open,
    isGone ? '' : format.bytes(client.queued),
    isGone || client.roundTrip === null ? '' : format.milliseconds(client.roundTrip),
    isGone ? '' : client.messages.join(' / '),
    client.address || 'local',
  ]
  setTexts(cells, texts)
  row.title = isGone ? texts[2] : `${client.transport}, since ${format.clock(client.since)}`
}

export function showEntry(row, cells, entry, isSelected) {
  const isBad = isBadEntry(entry)
  const [sign, meaning] = isBad ? BAD : WAYS[entry.way]
  row.className = `row way-${entry.way}${isBad ? ' bad' : ''}${isSelected ? ' selected' : ''}`
  row.setAttribute('aria-selected', String(isSelected))
  row.dataset.seq = entry.seq
  setTexts(cells, [
    format.clock(entry.time),
    sign,
    entry.type,
    entry.about,
    entry.way === 'life' ? '' : format.bytes(entry.size),
    format.receivers(entry),
    format.lastHadIt(entry),
  ])
  cells[1].setAttribute('aria-label', meaning)
  row.title = entry.about
}

function setTexts(cells, texts) {
  texts.forEach((text, place) => {
    setText(cells[place], String(text))
  })
}
