import { Stand, withStands } from '../stand.mjs'
import { sizeName } from './case.mjs'

const CLIENTS = 1000
const SIZES = { quick: [150], full: [150, 65536] }
const ROUNDS = { quick: 1, full: 5 }
const ORDER = { count: 12, gapMs: 60 }

const P99 = { name: 'event loop: p99 of its delay', unit: 'ms' }
const WORST = { name: 'event loop: its longest delay', unit: 'ms' }

/** How late timers of the server's process are while it broadcasts now and then. */
export async function eventLoop({ kinds, ledger, mode, say }) {
  say(`event-loop delay, ${CLIENTS} clients`)
  const scripted = kinds.filter((kind) => !kind.startsWith('raw'))
  const open = (kind) => Stand.open(kind, CLIENTS)
  await withStands(scripted, open, async (stands) => {
    for (const size of SIZES[mode]) {
      for (const stand of stands) await stand.series({ size, ...ORDER, count: 5 })
      for (let round = 0; round < ROUNDS[mode]; round++) {
        for (const stand of stands) {
          await stand.server.ask({ do: 'watchLoop' })
          await stand.series({ size, ...ORDER })
          const delay = await stand.server.ask({ do: 'loopDelay' })
          const label = `${CLIENTS} × ${sizeName(size)} every ${ORDER.gapMs} ms`
          ledger.add(P99, label, stand.kind, delay.p99Ns / 1e6)
          ledger.add(WORST, label, stand.kind, delay.maxNs / 1e6)
        }
      }
    }
  })
}
