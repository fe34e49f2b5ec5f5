import { median } from '../ledger.mjs'
import { Stand, withStands } from '../stand.mjs'
import { sizeName } from './case.mjs'

const ROUNDS = { quick: 2, full: 5 }
const CASES = {
  quick: { 100: [150, 65536] },
  full: { 1: [150, 65536, 1048576], 100: [150, 65536, 1048576], 1000: [150, 65536] },
}

/** A server whose pages can come back, all of them pages; and one whose cannot. */
export const NUMBERED_KINDS = ['ours-off', 'ours-pages']

const compared = [['ours-pages', 'ours-off']]
const metric = (name, unit) => ({ name: `reconnect on and off: ${name}`, unit, compared })
const CALL = metric('main thread inside send()', 'µs')
const LAST = metric('last client has it', 'ms')
const CPU = metric('CPU of the whole process per send', 'µs')

/** What it costs that a payload has a number and is kept for those who are away. */
export async function numbered({ kinds, ledger, mode, say }) {
  const served = kinds.filter((kind) => NUMBERED_KINDS.includes(kind))
  for (const [count, sizes] of Object.entries(CASES[mode])) {
    const clients = Number(count)
    say(`broadcasts to ${clients}, reconnect on and off`)
    const open = (kind) => Stand.open(kind, clients)
    await withStands(served, open, async (stands) => {
      for (const size of sizes) {
        const label = `${clients} × ${sizeName(size)}`
        for (let round = 0; round < ROUNDS[mode]; round++) {
          for (const stand of stands) {
            const { wallNs, latencyNs, cpu, count } = await stand.paced(size)
            const spent = (cpu.main + cpu.io + cpu.other) / count
            ledger.add(CALL, label, stand.kind, median(wallNs) / 1e3)
            ledger.add(LAST, label, stand.kind, median(latencyNs) / 1e6)
            ledger.add(CPU, label, stand.kind, spent / 1e3)
          }
        }
      }
    })
  }
}
