import { SETTINGS } from '../cores.mjs'
import { Stand, withStands } from '../stand.mjs'
import { difference } from '../usage.mjs'

const CLIENTS = { quick: 500, full: 2000 }
const ROUNDS = { quick: 2, full: 5 }
const AT_ONCE = 128
const ALL = 1e6

const RATE = { name: 'upgrades: per second', unit: 'thousands', moreIsBetter: true }
const MAIN = { name: 'upgrades: CPU of the main thread for each', unit: 'µs' }
const REST = { name: 'upgrades: CPU of other threads for each', unit: 'µs' }
const WHOLE = { name: 'upgrades: CPU of the whole process for each', unit: 'µs' }
const AGAIN = { name: 'reset and again: until all are back and the old ones gone', unit: 's' }
const AGAIN_CPU = { name: 'reset and again: CPU of the whole process per connection', unit: 'µs' }

/** Connections that come, and then all that are reset and come again at once. */
export async function upgrades({ kinds, ledger, mode, say }) {
  const clients = CLIENTS[mode]
  const served = kinds.filter((kind) => !kind.startsWith('raw'))
  for (const [setting, cores] of Object.entries(SETTINGS)) {
    say(`upgrades of ${clients}, ${setting}`)
    const open = async (kind) => {
      const stand = await Stand.open(kind, clients, {}, cores)
      await stand.disconnect()
      return stand
    }
    await withStands(served, open, async (stands) => {
      for (let round = 0; round < ROUNDS[mode]; round++) {
        for (const stand of stands) {
          const before = stand.cpu()
          const ns = await stand.connect(clients, { atOnce: AT_ONCE })
          const { main, io, other } = difference(stand.cpu(), before)
          const label = `${clients}, ${AT_ONCE} under way, ${setting}`
          ledger.add(RATE, label, stand.kind, clients / (ns / 1e9) / 1e3)
          ledger.add(MAIN, label, stand.kind, main / clients / 1e3)
          ledger.add(REST, label, stand.kind, (io + other) / clients / 1e3)
          ledger.add(WHOLE, label, stand.kind, (main + io + other) / clients / 1e3)
          await noteAgain(ledger, stand, `${clients}, ${setting}`)
          await stand.disconnect()
        }
      }
    })
  }
}

/** @param {Stand} stand */
async function noteAgain(ledger, stand, label) {
  const before = stand.cpu()
  const ns = await stand.again({ atOnce: ALL })
  const { main, io, other } = difference(stand.cpu(), before)
  ledger.add(AGAIN, label, stand.kind, ns / 1e9)
  ledger.add(AGAIN_CPU, label, stand.kind, (main + io + other) / stand.clients / 1e3)
}
