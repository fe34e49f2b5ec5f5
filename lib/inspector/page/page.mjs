import { Announcer } from './announcer.mjs'
import { Chart } from './chart.mjs'
import * as format from './format.mjs'
import { reportOf } from './report.mjs'
import { Rows, setText } from './rows.mjs'
import { CLIENT_COLUMNS, ENTRY_COLUMNS, showClient, showEntry } from './show.mjs'
import { fetchPayload, follow } from './stream.mjs'

/** @type {(id: string) => any} Elements of this page, of many kinds. */
const $ = (id) => document.getElementById(id)

/** Clients that have left and are still shown. */
const MOST_GONE = 50

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
const view = { isPaused: false, isDirty: false, clearedAt: 0, selected: 0, client: 0, frozen: [] }
const announcer = new Announcer($('news'))

const charts = {
  messages: new Chart($('chart-messages'), $('rate-messages'), (rate) => rate.toFixed(1)),
  bytes: new Chart($('chart-bytes'), $('rate-bytes'), format.bytes),
}

const clientRows = new Rows($('clients'), {
  name: 'Clients',
  columns: CLIENT_COLUMNS,
  keyOf: ({ id }) => id,
  show: showClient,
  open: ({ id }) => filterClient(id),
})
const entryRows = new Rows($('entries'), {
  name: 'Timeline',
  columns: ENTRY_COLUMNS,
  keyOf: ({ seq }) => seq,
  show: (row, cells, entry) => showEntry(row, cells, entry, entry.seq === view.selected),
  open: ({ seq }) => open(seq),
})

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
    announcer.hear(entries)
    for (const { seq, delivery } of settled) {
      const entry = known.entries.get(seq)
      if (entry) entry.delivery = delivery
    }
    setStats(time, stats)
    draw()
  },
  lost() {
    setState('the server does not answer; trying again', 'lost')
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
  setText($('causes'), format.causes(stats))
  clientRows.set([...[...clients.values()].sort(byNeed), ...gone.toReversed()])
  setText($('clients-count'), format.count(clients.size))
  $('clients-empty').hidden = clients.size > 0
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
  $('entries-empty').hidden = entries.length > 0
  const isFiltered = known.entries.size > 0
  setText(
    $('entries-empty'),
    isFiltered
      ? 'Nothing matches the filter, or it was cleared.'
      : 'Nothing has happened yet. Edit a file, or reload a tab of your application.',
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
      (!view.client || concerns(entry, view.client)) &&
      (!text || `${entry.type} ${entry.about}`.toLowerCase().includes(text)),
  )
}

/** What is sent to all concerns every client. */
function concerns({ client, way }, id) {
  return client === id || (client === 0 && way === 'out')
}

function filterClient(id) {
  view.client = view.client === id ? 0 : id
  $('filter-client').hidden = view.client === 0
  setText($('filter-client'), `only client ${id} ✕`)
  $('filter-client').setAttribute('aria-label', `Show all clients, not only client ${id}`)
  drawEntries()
}

function drawTiles(stats) {
  const sum = (counts) => Object.values(counts).reduce((all, number) => all + number, 0)
  const refusals = sum(stats.refusals)
  const tiles = [
    ['clients', format.count(stats.clients)],
    ['connected so far', format.count(stats.clientsTotal)],
    ['came back', format.count(stats.returns)],
    ['told to reload', format.count(sum(stats.reloads))],
    ['messages out', format.count(stats.messages.out)],
    ['messages in', format.count(stats.messages.in)],
    ['bytes out', format.bytes(stats.bytes.out)],
    ['bytes in', format.bytes(stats.bytes.in)],
    ['messages dropped', format.count(stats.droppedMessages), stats.droppedMessages > 0],
    ['no answer to a ping', format.count(stats.keepaliveTimeouts), stats.keepaliveTimeouts > 0],
    ['connections refused', format.count(refusals), refusals > 0],
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

$('filter-client').addEventListener('click', () => {
  filterClient(view.client)
  $('clients').focus()
})

$('detail-close').addEventListener('click', close)

document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && !$('dialog').open && !$('detail').hidden) close()
})

function close() {
  $('detail').hidden = true
  view.selected = 0
  drawEntries()
  $('entries').focus()
}

async function open(seq) {
  const entry = known.entries.get(seq) ?? view.frozen.find((other) => other.seq === seq)
  if (!entry) return
  view.selected = seq
  drawEntries()
  setText($('detail-title'), `${entry.type} ${entry.about}`)
  setText($('detail-who'), who(entry))
  setText($('detail-payload'), entry.hasPayload ? '…' : '')
  $('detail').hidden = false
  $('detail').focus()
  if (!entry.hasPayload) return
  const payload = await fetchPayload(seq)
  if (view.selected === seq) setText($('detail-payload'), readable(payload))
}

function who({ way, client, delivery }) {
  if (way === 'in') return `from client ${client}`
  if (!delivery) return client ? `client ${client}` : ''
  const { named, delivered, lost } = delivery
  const names = named.map(([id, after]) =>
    after === null ? `client ${id}: lost` : `client ${id}: ${format.milliseconds(after)}`,
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
