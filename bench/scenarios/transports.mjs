import { median } from '../ledger.mjs'
import { Stand, withStands } from '../stand.mjs'
import { forgetPeak, peakBytes } from '../usage.mjs'
import { sizeName } from './case.mjs'

const MEBIBYTE = 1024 * 1024
/** With a few clients one round says little: waking a thread can take as long as all the rest. */
const ROUNDS = { quick: { few: 2, many: 2 }, full: { few: 25, many: 9 } }
const CASES = {
  quick: { 1: [150], 100: [150, 65536] },
  full: {
    1: [150, 4096, 65536],
    10: [150, 4096, 65536],
    100: [150, 4096, 65536],
    1000: [150, 4096, 65536],
  },
}
/** A burst is this much, for each client, and in so many payloads at most. */
const BURST = { bytes: MEBIBYTE, most: 200 }
const WARM_UP_BURSTS = 3
/** Series of single sends before the first row of a process: what it runs then is compiled. */
const WARM_UP_SERIES = { quick: 1, full: 10 }
const FEW = 100

/** Each of ours, and the one of Vite's that takes the same road. */
export const COMPARED = [
  ['bridged', 'vite'],
  ['bridged-https', 'vite-https'],
  ['ours', 'vite'],
]
export const TRANSPORT_KINDS = ['vite', 'vite-https', 'bridged', 'bridged-https', 'ours']

const metric = (name, unit) => ({ name: `transports: ${name}`, unit, compared: COMPARED })
const LAST = metric('last client has it', 'ms')
const CPU = metric('CPU of the whole process per send', 'µs')
const FREE = metric('main thread until free again', 'µs')
const BURST_LAST = metric('in bursts, last client has all', 'ms')
const BURST_CPU = metric('in bursts, CPU of the whole process per send', 'µs')
const BURST_FREE = metric('in bursts, main thread until free again, per send', 'µs')
const RSS = metric('most that was resident', 'MiB')

/** What each road costs, over http and over https, beside Vite's server on the same road. */
export async function transports({ kinds, ledger, mode, say }) {
  const served = kinds.filter((kind) => TRANSPORT_KINDS.includes(kind))
  for (const [count, sizes] of Object.entries(CASES[mode])) {
    const clients = Number(count)
    say(`${served.join(', ')}: broadcasts to ${clients}`)
    const open = (kind) => Stand.open(kind, clients)
    await withStands(served, open, async (stands) => {
      const empty = new Map()
      for (const stand of stands) {
        if (clients < FEW) await warmUp(stand, sizes[0], WARM_UP_SERIES[mode])
        empty.set(stand, await stand.emptyTurn())
      }
      for (const size of sizes) {
        const label = `${clients} × ${sizeName(size)}`
        const burst = { size, count: Math.min(BURST.most, Math.floor(BURST.bytes / size)) }
        for (const stand of stands) {
          forgetPeak(stand.server.pid)
          for (let time = 0; time < WARM_UP_BURSTS; time++) await stand.burst(burst)
        }
        const rounds = ROUNDS[mode][clients < FEW ? 'few' : 'many']
        for (let round = 0; round < rounds; round++) {
          for (const stand of stands) {
            notePaced(ledger, stand, label, await stand.paced(size), empty.get(stand))
            noteBurst(ledger, stand, label, await stand.burst(burst))
          }
        }
        for (const stand of stands) {
          ledger.add(RSS, label, stand.kind, peakBytes(stand.server.pid) / MEBIBYTE)
        }
      }
    })
  }
}

async function warmUp(stand, size, count) {
  for (let time = 0; time < count; time++) await stand.paced(size)
}

function notePaced(ledger, { kind, clients }, label, series, empty) {
  const { wallNs, freeNs, latencyNs, cpu, count, overlaps } = series
  const free = Math.max(median(wallNs), median(freeNs) - empty.freeNs)
  // Of a few clients the turns in between are as dear as the broadcasts: both servers have them.
  const main = Math.max(0, cpu.main / count - (clients < FEW ? 0 : empty.cpuNs))
  ledger.add(LAST, label, kind, median(latencyNs) / 1e6)
  ledger.add(CPU, label, kind, (main + (cpu.io + cpu.other) / count) / 1e3)
  ledger.add(FREE, label, kind, free / 1e3)
  if (overlaps > 0) ledger.note(`transports ${label}, ${kind}: broadcasts overlapped`)
}

function noteBurst(ledger, { kind }, label, { freeNs, spanNs, cpu, count }) {
  ledger.add(BURST_LAST, label, kind, spanNs / 1e6)
  ledger.add(BURST_CPU, label, kind, (cpu.main + cpu.io + cpu.other) / count / 1e3)
  ledger.add(BURST_FREE, label, kind, freeNs[0] / count / 1e3)
}
