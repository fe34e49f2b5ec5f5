import { median } from '../ledger.mjs'
import { Stand, withStands } from '../stand.mjs'
import { sizeName } from './case.mjs'

const ROUNDS = { quick: 2, full: 5 }
const CASES = {
  quick: { 1: [150], 100: [4096], 1000: [150, 65536] },
  full: {
    1: [150, 65536, 1048576],
    10: [150, 4096, 65536],
    100: [150, 4096, 65536, 1048576],
    1000: [150, 4096, 65536],
    5000: [150],
  },
}

const CALL = { name: 'fan-out: main thread inside send()', unit: 'µs' }
/** Beyond what a turn takes in which nothing is sent. */
const FREE = { name: 'fan-out: main thread until free again', unit: 'µs' }
const CPU = { name: 'fan-out: CPU of the main thread per send', unit: 'µs' }
/** Beside what is least: `JSON.stringify` and its UTF-8 in the same process, and one bare write. */
const FLOOR = {
  name: 'fan-out: main thread until free again, of ours, beside the floor',
  unit: 'µs',
  columns: ['ours', 'floor', 'one write'],
  compared: [['ours', 'floor']],
}
const FLOOR_FROM_BYTES = 65536
const LAST = { name: 'fan-out: last client has it', unit: 'ms' }
const DELIVERY = { name: 'fan-out: CPU per delivery', unit: 'µs' }
const SPLIT = {
  name: 'fan-out: share of the main thread in that CPU',
  unit: '%',
  digits: 2,
  isDescriptive: true,
}

/** One payload to n clients, and quiet until all have it. */
export async function fanOut({ kinds, ledger, mode, say }) {
  for (const [count, sizes] of Object.entries(CASES[mode])) {
    const clients = Number(count)
    say(`fan-out to ${clients}`)
    const open = (kind) => Stand.open(kind, clients)
    await withStands(kinds, open, async (stands) => {
      const empty = new Map()
      for (const stand of stands) empty.set(stand, await stand.emptyTurn())
      for (const size of sizes) {
        for (let round = 0; round < ROUNDS[mode]; round++) {
          for (const stand of stands) {
            note(ledger, stand, { clients, size }, await stand.paced(size), empty.get(stand))
            if (size >= FLOOR_FROM_BYTES) await noteFloor(ledger, stand, { clients, size })
          }
        }
      }
    })
  }
}

function note(ledger, { kind }, { clients, size }, series, empty) {
  const label = `${clients} × ${sizeName(size)}`
  const isLarge = size >= FLOOR_FROM_BYTES
  const { wallNs, freeNs, latencyNs, cpu, count, overlaps } = series
  const isScripted = !kind.startsWith('raw')
  if (isScripted) {
    const call = median(wallNs)
    const free = Math.max(call, median(freeNs) - empty.freeNs)
    ledger.add(CALL, label, kind, call / 1e3)
    ledger.add(FREE, label, kind, free / 1e3)
    if (kind === 'ours' && isLarge) ledger.add(FLOOR, label, 'ours', free / 1e3)
  } else if (kind === 'raw' && isLarge && clients === 1) {
    ledger.add(FLOOR, label, 'one write', median(wallNs) / 1e3)
  }
  ledger.add(LAST, label, kind, median(latencyNs) / 1e6)
  if (overlaps > 0) ledger.note(`fan-out ${label}, ${kind}: broadcasts overlapped`)
  // Below this many clients, the turns in between cost more than the broadcasts.
  if (clients < 100) return
  const main = Math.max(0, cpu.main / count - empty.cpuNs)
  const whole = main + (cpu.io + cpu.other) / count
  if (isScripted) ledger.add(CPU, label, kind, main / 1e3)
  ledger.add(DELIVERY, label, kind, whole / clients / 1e3)
  if (isScripted) ledger.add(SPLIT, label, kind, (main / whole) * 100)
}

async function noteFloor(ledger, { kind, server }, { clients, size }) {
  if (kind !== 'ours') return
  const { ns } = await server.ask({ do: 'floor', size })
  ledger.add(FLOOR, `${clients} × ${sizeName(size)}`, 'floor', ns / 1e3)
}
