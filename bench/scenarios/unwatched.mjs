import { median } from '../ledger.mjs'
import { Stand, withStands } from '../stand.mjs'

const CASES = { quick: [1000], full: [100, 1000, 5000] }
const ROUNDS = { quick: 1, full: 5 }
const BROADCASTS = { quick: 3, full: 3 }
const SIZE = 150
/** Longer than any server takes for one client. */
const GAP_MS = { base: 20, perClient: 0.04 }

const LAST = { name: 'all cores for the server: data with the last client', unit: 'ms' }

/**
 * One payload to n clients that sleep, so that they take no core from the server. The kernel's
 * time stamps say when the last one could have read it.
 */
export async function unwatched({ kinds, ledger, mode, say }) {
  for (const clients of CASES[mode]) {
    say(`fan-out to ${clients} that sleep`)
    const gapMs = GAP_MS.base + Math.round(GAP_MS.perClient * clients)
    const order = { size: SIZE, gapMs }
    const open = async (kind) => {
      const stand = await Stand.open(kind, clients, { stamped: true })
      for (let time = 0; time < 3; time++) await stand.unwatched(order)
      return stand
    }
    await withStands(kinds, open, async (stands) => {
      for (let round = 0; round < ROUNDS[mode]; round++) {
        for (const stand of stands) {
          const times = []
          for (let time = 0; time < BROADCASTS[mode]; time++) {
            times.push((await stand.unwatched(order)).latencyNs[0])
          }
          ledger.add(LAST, `${clients} × 150 B`, stand.kind, median(times) / 1e6)
        }
      }
    })
  }
}
