import { fileURLToPath } from 'node:url'
import { Child } from '../child.mjs'
import { openCrowd, Stand, sleep } from '../stand.mjs'

const KINDS = ['vite', 'ours', 'bridged']
const ROUNDS = { quick: 1, full: 5 }
const CALLS = { quick: 200, full: 1000 }
const EVERY_MS = 1
/** A cell ends after this long, however few calls there were. */
const CELL_MS = { quick: 2_000, full: 5_000 }
const PING_MS = { quick: 500, full: 2_000 }
const PING_EVERY_MS = 5
const HAMMER_CLIENTS = 40
const FLOOD_CLIENTS = 40
const MISSED = 900
const FILL_MIB = 48
const BULK_MIB = 36
/** So many clients that the threads are slower than JavaScript. */
const BULK_READERS = 20
/** Calls in the turn of a bulk, and the time until the next. */
const BULK = { inTurn: 250, everyMs: 300 }
/** Calls that are themselves the bulk. */
const LARGE = { count: 40, inTurn: 40 }
const HELD_WITHIN_MS = 5_000
/** What `pinger.rs` waits for a pong. */
const PONG_PATIENCE_MS = 3_000
const HIGH_WATER_MIB = 8
const MEBIBYTE = 1024 * 1024

/** What is called, and to whom; "it" is the client that makes the trouble. */
const COLUMNS = {
  send: { name: 'send' },
  'client.send': { name: 'client.send', to: 'bystander' },
  'socket.send': { name: 'socket.send', to: 'bystander' },
  ping: { name: 'ping', to: 'bystander' },
  stats: { name: 'stats' },
  'on, off': { name: 'on' },
  'client.send to it': { name: 'client.send', to: 'it' },
  'ping to it': { name: 'ping', to: 'it' },
  'socket.send to it': { name: 'socket.send', to: 'it' },
  'send 1 MiB': { name: 'send 1 MiB', isLarge: true },
}
const NOTHING = 'nothing'

/** What goes on meanwhile. Each prepares, and says what is worth a note. */
const BESIDE = {
  [NOTHING]: {},
  'a stalled client, answers over its mark': {
    kind: 'stalled',
    order: { asks: 24 },
    prepare: heldNote,
  },
  'a stalled client, broadcasts over its mark': {
    kind: 'stalled',
    order: { asks: 0 },
    async prepare(stand) {
      await stand.server.ask({ do: 'fill', mebibytes: FILL_MIB })
      return heldNote(stand)
    },
  },
  'one that asks and reads slowly': { kind: 'slow', prepare: heldNote },
  [`${MISSED} missed messages, returning`]: {
    kind: 'return',
    only: (kind) => kind !== 'vite',
    async before(stand, disturbers) {
      const { hello } = await disturbers.ask({ do: 'begin', kind: 'page', port: stand.port })
      await stand.server.ask({ do: 'miss', count: MISSED })
      return { hello }
    },
  },
  'a 95 MiB message being read': { kind: 'huge' },
  [`${BULK_MIB} MiB under way`]: { bulkMiB: BULK_MIB, readers: BULK_READERS },
  [`${FLOOD_CLIENTS} clients that flood`]: { kind: 'flood', order: { clients: FLOOD_CLIENTS } },
}

/** Floods beside which nothing is called. */
const FLOODS = {
  '6 MiB of events at once, JavaScript blocked': floodWhileBlocked,
  [`a tight loop of broadcasts to ${HAMMER_CLIENTS}`]: hammer,
}

/**
 * How long calls take, and a pong, beside clients that make trouble: all of them in other processes.
 */
export async function calls({ kinds, ledger, mode, say }) {
  for (const kind of kinds.filter((name) => KINDS.includes(name))) {
    for (let round = 0; round < ROUNDS[mode]; round++) {
      for (const [name, beside] of Object.entries(BESIDE)) {
        if (beside.only && !beside.only(kind)) continue
        say(`calls of ${kind} beside ${name}`)
        await tryOut(ledger, `calls of ${kind} beside ${name}`, () =>
          onStand(kind, (stand, disturbers) =>
            playBeside({ stand, disturbers, ledger, mode, name, beside }),
          ),
        )
      }
      for (const [name, flood] of Object.entries(FLOODS)) {
        say(`pongs of ${kind} beside ${name}`)
        await tryOut(ledger, `the pong of ${kind} beside ${name}`, () =>
          onStand(kind, async (stand, disturbers) => {
            notePong(ledger, stand, name, await flood(stand, disturbers, PING_MS[mode]))
          }),
        )
      }
    }
  }
}

/** One trouble that a server does not get over leaves the others to be measured. */
async function tryOut(ledger, what, play) {
  try {
    await play()
  } catch (error) {
    ledger.fail(what, error)
  }
}

/** Each round has a fresh server: what one trouble leaves behind is not the next one's. */
async function onStand(kind, play) {
  const stand = await Stand.open(kind, 1)
  const file = fileURLToPath(new URL('../disturbers.mjs', import.meta.url))
  const disturbers = new Child(`disturbers of ${kind}`, process.execPath, [file])
  try {
    await disturbers.greeting
    await stand.server.ask({ do: 'listen', event: 'bench:heard' })
    await play(stand, disturbers)
  } finally {
    await Promise.all([stand.close(), disturbers.stop()])
  }
}

async function playBeside(play) {
  const { readers } = play.beside
  if (readers) await withReaders(play.stand, readers, () => playCells(play))
  else await playCells(play)
}

async function playCells({ stand, disturbers, ledger, mode, name, beside }) {
  const { kind, order, bulkMiB } = beside
  // Young code is slow, and the worst call of a young process says nothing of what is beside it.
  const young = { do: 'call', count: 500, everyMs: 0, withinMs: 500 }
  for (const column of columnsFor(stand, false)) {
    await stand.server.ask({ ...young, ...COLUMNS[column] })
  }
  await sleep(100)
  const more = await beside.before?.(stand, disturbers)
  if (kind) await disturbers.ask({ do: 'begin', kind, port: stand.port, ...order, ...more })
  const note = await beside.prepare?.(stand)
  if (note) ledger.note(`calls, ${stand.kind}, ${name}: ${note}`)
  const cell = { do: 'call', count: CALLS[mode], everyMs: EVERY_MS, withinMs: CELL_MS[mode] }
  for (const column of columnsFor(stand, kind !== undefined)) {
    const plan = planFor(COLUMNS[column], bulkMiB)
    const { wallNs, ownNs } = await stand.server.ask({ ...cell, ...plan })
    ledger.add(wallMetric(stand.kind), name, column, wallNs / 1e6)
    ledger.add(ownMetric(stand.kind), name, column, ownNs / 1e6)
    if (name === NOTHING) continue
    // The worst call of the same round beside nothing; to a bystander, for one to "it".
    const alone = ledger.last(ownMetric(stand.kind).name, NOTHING, column.replace(' to it', ''))
    ledger.add(aboveMetric(stand.kind), name, column, Math.max(0, ownNs / 1e6 - alone))
  }
  const pings = stand.crowd.ask(pingFor(PING_MS[mode]))
  if (bulkMiB) await stand.server.ask({ do: 'fill', mebibytes: bulkMiB })
  notePong(ledger, stand, name, await pings)
  if (!kind) return
  const { error } = await disturbers.ask({ do: 'end' })
  if (error) ledger.note(`calls, ${stand.kind}, ${name}: ${error}`)
}

function planFor({ isLarge, ...call }, bulkMiB) {
  if (!bulkMiB) return isLarge ? { ...call, count: LARGE.count } : call
  // Who waits is the sender of the last of it, so what makes the bulk is timed itself.
  return isLarge ? { ...call, ...LARGE, everyMs: BULK.everyMs } : { ...call, ...BULK, bulkMiB }
}

function columnsFor({ kind }, hasTrouble) {
  const isPresent = (column) => (hasTrouble || !column.endsWith('it')) && isCallable(column)
  const isCallable = (column) => kind !== 'vite' || column !== 'stats'
  return Object.keys(COLUMNS).filter(isPresent)
}

/** Waits until there is as much for it as there should be, and says so when there is not. */
async function heldNote({ kind, server }) {
  if (kind === 'vite') return undefined
  let held = 0
  for (const end = Date.now() + HELD_WITHIN_MS; Date.now() < end; await sleep(20)) {
    const { bytes, overflows } = await server.ask({ do: 'held' })
    held = bytes / MEBIBYTE
    if (overflows > 0 || held > HIGH_WATER_MIB) return undefined
  }
  return `only ${held.toFixed(1)} MiB were waiting for it when the calls began, and nothing was lost`
}

async function floodWhileBlocked(stand, disturbers, forMs) {
  const blocked = stand.server.ask({ do: 'block', forMs: forMs * 2, everyMs: forMs * 2, times: 1 })
  await sleep(20)
  await disturbers.ask({ do: 'begin', kind: 'events', port: stand.port }).catch(() => {})
  const pongs = await stand.crowd.ask(pingFor(forMs))
  await blocked
  return pongs
}

function hammer(stand, _disturbers, forMs) {
  return withReaders(stand, HAMMER_CLIENTS, async () => {
    const hammering = stand.server.ask({ do: 'hammer', forMs })
    const pongs = await stand.crowd.ask(pingFor(forMs))
    await hammering
    return pongs
  })
}

/** Clients that read all they get, not in the bystander's process. */
async function withReaders(stand, count, use) {
  const readers = openCrowd(`readers of ${stand.kind}`)
  try {
    await readers.ask({ do: 'connect', port: stand.port, count })
    return await use()
  } finally {
    await readers.stop()
  }
}

function pingFor(forMs) {
  return { do: 'ping', everyMs: PING_EVERY_MS, forMs }
}

function notePong(ledger, { kind }, name, { latencyNs, unanswered }) {
  if (unanswered > 0) ledger.note(`calls, ${kind}, ${name}: ${unanswered} pings without a pong`)
  const worst = (latencyNs.at(-1) ?? 0) / 1e6
  ledger.add(PONG, name, kind, unanswered > 0 ? Math.max(worst, PONG_PATIENCE_MS) : worst)
}

const PONG = { name: 'calls: worst pong of a bystander', unit: 'ms' }

function wallMetric(kind) {
  return callMetric(`calls of ${kind}: the worst`)
}

function ownMetric(kind) {
  return callMetric(`calls of ${kind}: the worst, less waits for a core and garbage collection`)
}

function aboveMetric(kind) {
  return callMetric(`calls of ${kind}: that, above the same call beside nothing`)
}

function callMetric(name) {
  return { name, unit: 'ms', columns: Object.keys(COLUMNS) }
}
