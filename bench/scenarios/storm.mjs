import { Stand, withStands } from '../stand.mjs'

const CLIENTS = { quick: 500, full: 2000 }
const ROUNDS = { quick: 1, full: 5 }
const WAYS = { 'all at once': 1e6, 'at most 128 under way': 128 }

const TIME = { name: 'storm: all have reconnected', unit: 's' }
const CPU = { name: 'storm: CPU of the main thread per connection', unit: 'µs' }

/** Everybody leaves and comes back, as when a laptop wakes or the server was restarted. */
export async function storm({ kinds, ledger, mode, say }) {
  const clients = CLIENTS[mode]
  say(`storm of ${clients}`)
  const served = kinds.filter((kind) => !kind.startsWith('raw'))
  const open = (kind) => Stand.open(kind, clients)
  await withStands(served, open, async (stands) => {
    for (let round = 0; round < ROUNDS[mode]; round++) {
      for (const [way, atOnce] of Object.entries(WAYS)) {
        for (const stand of stands) {
          await stand.disconnect()
          const before = stand.cpu()
          const ns = await stand.connect(clients, { atOnce })
          ledger.add(TIME, `${clients}, ${way}`, stand.kind, ns / 1e9)
          const spent = stand.cpu().main - before.main
          ledger.add(CPU, `${clients}, ${way}`, stand.kind, spent / clients / 1e3)
        }
      }
    }
  })
}
