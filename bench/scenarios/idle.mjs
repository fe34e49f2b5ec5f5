import { Stand, sleep, withStands } from '../stand.mjs'
import { difference } from '../usage.mjs'

const CLIENTS = { quick: 1000, full: 5000 }
const ROUNDS = { quick: 1, full: 5 }
/** Shorter than the keepalive period: its pings are not part of it. */
const WATCH_MS = { quick: 2_000, full: 6_000 }
const SETTLE_MS = 1_000

const CPU = { name: 'idle: CPU of the whole process, above that without clients', unit: 'ms per s' }

/** What connections cost that say nothing. Memory is the scenario of that name. */
export async function idle({ kinds, ledger, mode, say }) {
  const clients = CLIENTS[mode]
  say(`CPU of ${clients} idle connections`)
  const served = kinds.filter((kind) => !kind.startsWith('raw'))
  for (let round = 0; round < ROUNDS[mode]; round++) {
    const open = (kind) => Stand.open(kind)
    await withStands(served, open, async (stands) => {
      await sleep(SETTLE_MS)
      const without = await watch(stands, WATCH_MS[mode])
      for (const stand of stands) await stand.connect(clients)
      await sleep(SETTLE_MS)
      const busy = await watch(stands, WATCH_MS[mode])
      for (const [place, stand] of stands.entries()) {
        const above = Math.max(0, busy[place] - without[place])
        ledger.add(CPU, `${clients} connections`, stand.kind, above)
      }
    })
  }
}

/** All at once: who does nothing is in nobody's way. Milliseconds of CPU a second. */
async function watch(stands, forMs) {
  const before = stands.map((stand) => stand.cpu())
  await sleep(forMs)
  return stands.map((stand, place) => {
    const { main, io, other } = difference(stand.cpu(), before[place])
    return (main + io + other) / 1e6 / (forMs / 1e3)
  })
}
