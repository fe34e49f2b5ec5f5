import { Chart } from './chart.mjs'
import * as format from './format.mjs'
import { reportOf } from './report.mjs'
import { Rows, setText } from './rows.mjs'
import { fetchPayload, follow } from './stream.mjs'

/** @type {(id: string) => any} Elements of this page, of many kinds. */
const $ = (id) => document.getElementById(id)

/** Clients that have left and are still shown. */
const MOST_GONE = 50
const ARROWS = { out: '↑', in: '↓', life: '•' }

const known = {
  about: {},
  stats: undefined,
  /** @type {Map<number, any>} */
  clients: new Map(),
  gone: [],
  /** @type {Map<number, any>} In order of their numbers. */
  entries: new Map(),
  most: 1000,
}
const view = { isPaused: false, isDirty: false, clearedAt: 0, selected: 0, frozen: [] }

const charts = {
  messages: new Chart($('chart-messages'), $('rate-messages'), (rate) => rate.toFixed(1)),
  bytes: new Chart($('chart-bytes'), $('rate-bytes'), format.bytes),
}

const clientRows = new Rows($('clients'), {
  cells: ['id', 'name', 'address', 'state', 'queue', 'ping', 'traffic'],
  show: showClient,
})
const entryRows = new Rows($('entries'), {
  cells: ['time', 'arrow', 'type', 'about', 'size', 'who', 'last'],
  show: showEntry,
})

function showClient(row, cells, client) {
  const isGone = client.code !== undefined
  const isBad = isGone ? client.code !== 1001 && client.code !== 1000 : client.isStalled
  row.className = `row client${isGone ? ' gone' : ''}${isBad ? ' bad' : ''}`
  row.dataset.id = client.id
  const open = client.isStalled ? 'does not read' : client.queued > 0 ? 'behind' : 'open'
  const texts = [
    client.id,
    client.name || '–',
    client.address || 'local',
    isGone ? `closed ${client.code}: ${client.why}` : open,
    isGone ? '' : format.bytes(client.queued),
    isGone || client.roundTrip === null ? '' : format.milliseconds(client.roundTrip),
    isGone ? '' : client.messages.join(' / '),
  ]
  texts.forEach((text, place) => {
    setText(cells[place], String(text))
  })
  row.title = isGone ? texts[3] : `${client.transport}, since ${format.clock(client.since)}`
}

function showEntry(row, cells, entry) {
  row.className = `row entry way-${entry.way}${entry.seq === view.selected ? ' selected' : ''}`
  row.dataset.seq = entry.seq
  const texts = [
    format.clock(entry.time),
    ARROWS[entry.way],
    entry.type,
    entry.about,
    entry.way === 'life' ? '' : format.bytes(entry.size),
    format.receivers(entry),
    format.lastHadIt(entry),
  ]
  texts.forEach((text, place) => {
    setText(cells[place], text)
  })
  row.title = entry.about
}

function setClients(clients) {
  for (const client of clients) known.clients.set(client.id, client)
}

function addGone(gone) {
  for (const client of gone) known.clients.delete(client.id)
  known.gone = [...known.gone, ...gone].slice(-MOST_GONE)
}

function addEntries(entries) {
  for (const entry of entries) {
    known.entries.set(entry.seq, entry)
    addType(entry.type)
  }
  for (const seq of known.entries.keys()) {
    if (known.entries.size <= known.most) break
    known.entries.delete(seq)
  }
}

const types = new Set()

function addType(type) {
  if (types.has(type) || types.size >= 100) return
  types.add(type)
  $('filter-type').add(new Option(type, type))
}

function setStats(time, stats) {
  known.stats = stats
  charts.messages.add(time, stats.messages)
  charts.bytes.add(time, stats.bytes)
}

function setState(text, kind) {
  setText($('state'), text)
  $('state').className = `pill ${kind}`
}

follow({
  hello({ about, limits, time, stats, clients, gone, entries }) {
    if (known.stats && known.stats.session !== stats.session) known.entries.clear()
    Object.assign(known, { about, most: limits.messages, clients: new Map(), gone: [] })
    charts.messages.reset()
    charts.bytes.reset()
    setClients(clients)
    addGone(gone)
    addEntries(entries)
    setStats(time, stats)
    setState('live', 'live')
    draw()
  },
  tick({ time, stats, clients, gone, entries, settled }) {
    setClients(clients)
    addGone(gone)
    addEntries(entries)
    for (const { seq, delivery } of settled) {
      const entry = known.entries.get(seq)
      if (entry) entry.delivery = delivery
    }
    setStats(time, stats)
    draw()
  },
  lost() {
    setState('server gone, asking again', 'lost')
  },
})

function draw() {
  if (view.isDirty) return
  view.isDirty = true
  requestAnimationFrame(() => {
    view.isDirty = false
    drawAll()
  })
}

function drawAll() {
  const { about, stats, clients, gone } = known
  if (!stats) return
  const versions = `vite-native-ws ${about.version} · Vite ${about.vite} · Node ${about.node}`
  setText($('about'), `${versions} · up ${format.duration(stats.uptime)}`)
  drawTiles(stats)
  clientRows.set([...[...clients.values()].sort(byNeed), ...gone.toReversed()])
  setText($('clients-count'), format.count(clients.size))
  drawEntries()
}

/** Those that need to be looked at first. */
function byNeed(one, two) {
  return two.isStalled - one.isStalled || two.queued - one.queued || one.id - two.id
}

function drawEntries() {
  const entries = shownEntries()
  entryRows.set(entries, { sticksToEnd: true })
  setText(
    $('entries-count'),
    `${format.count(entries.length)} of ${format.count(known.entries.size)}`,
  )
}

function shownEntries() {
  const all = view.isPaused ? view.frozen : [...known.entries.values()]
  const [way, type] = [$('filter-way').value, $('filter-type').value]
  const text = $('filter-text').value.toLowerCase()
  return all.filter(
    (entry) =>
      entry.seq > view.clearedAt &&
      (!way || entry.way === way) &&
      (!type || entry.type === type) &&
      (!text || `${entry.type} ${entry.about}`.toLowerCase().includes(text)),
  )
}

function drawTiles(stats) {
  const refusals = Object.values(stats.refusals).reduce((sum, number) => sum + number, 0)
  const tiles = [
    ['clients', format.count(stats.clients)],
    ['connected so far', format.count(stats.clientsTotal)],
    ['messages out', format.count(stats.messages.out)],
    ['messages in', format.count(stats.messages.in)],
    ['bytes out', format.bytes(stats.bytes.out)],
    ['bytes in', format.bytes(stats.bytes.in)],
    ['dropped', format.count(stats.droppedMessages), stats.droppedMessages > 0],
    ['timed out', format.count(stats.keepaliveTimeouts), stats.keepaliveTimeouts > 0],
    ['refused', format.count(refusals), refusals > 0],
    ['threads', format.count(stats.ioThreads)],
  ]
  const parent = $('tiles')
  tiles.forEach(([name, value, isBad = false], place) => {
    const tile = parent.children[place] ?? parent.appendChild(createTile(name))
    tile.classList.toggle('bad', isBad)
    setText(tile.firstChild, value)
  })
}

function createTile(name) {
  const tile = document.createElement('div')
  tile.className = 'tile'
  const label = document.createElement('span')
  label.className = 'quiet'
  label.textContent = name
  tile.append(document.createElement('b'), label)
  return tile
}

for (const id of ['filter-way', 'filter-type', 'filter-text']) {
  $(id).addEventListener('input', drawEntries)
}

$('pause').addEventListener('click', () => {
  view.isPaused = !view.isPaused
  view.frozen = view.isPaused ? [...known.entries.values()] : []
  $('pause').setAttribute('aria-pressed', String(view.isPaused))
  setText($('pause'), view.isPaused ? 'Go on' : 'Pause')
  drawEntries()
})

$('clear').addEventListener('click', () => {
  view.clearedAt = Math.max(0, ...known.entries.keys())
  known.gone = []
  drawAll()
})

$('entries').addEventListener('click', ({ target }) => {
  const row = target.closest('.entry')
  if (row) open(Number(row.dataset.seq))
})

$('detail-close').addEventListener('click', () => {
  $('detail').hidden = true
  view.selected = 0
  drawEntries()
})

async function open(seq) {
  const entry = known.entries.get(seq) ?? view.frozen.find((other) => other.seq === seq)
  if (!entry) return
  view.selected = seq
  drawEntries()
  setText($('detail-title'), `${entry.type} ${entry.about}`)
  setText($('detail-who'), who(entry))
  setText($('detail-payload'), entry.hasPayload ? '…' : '')
  $('detail').hidden = false
  if (!entry.hasPayload) return
  const payload = await fetchPayload(seq)
  if (view.selected === seq) setText($('detail-payload'), readable(payload))
}

function who({ way, client, delivery }) {
  if (way === 'in') return `from client ${client}`
  if (!delivery) return client ? `client ${client}` : ''
  const { named, delivered, lost } = delivery
  const names = named.map(([id, after]) =>
    after === null ? `client ${id}: never` : `client ${id}: ${format.milliseconds(after)}`,
  )
  const more = delivered + lost - named.length
  return [...names, ...(more > 0 ? [`${more} more`] : [])].join(' · ') || 'nobody has it yet'
}

function readable(payload) {
  if (!payload) return 'It is no longer kept.'
  const { text, size, isCut } = payload
  if (isCut) return `${text}\n… the first of ${format.bytes(size)}`
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

$('report').addEventListener('click', async () => {
  if (!known.stats) return
  const [clients, entries] = [[...known.clients.values()], [...known.entries.values()]]
  const text = reportOf({ ...known, clients, entries })
  $('dialog-report').value = text
  const isCopied = await copy(text)
  const how = isCopied ? 'Copied.' : 'It could not be copied: take it from here.'
  setText($('dialog-text'), `${how} It has file names, but no payloads, addresses or secrets.`)
  $('dialog').showModal()
})

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
