import { Stand, withStands } from '../stand.mjs'

const CASES = { quick: [100], full: [1, 100, 1000] }
const ROUNDS = { quick: 2, full: 5 }
const COUNT = 200
const SIZE = 150
/** For the compilers: until then most of the time is theirs. */
const WARM_UP_BURSTS = 8

const CALL = { name: 'burst: main thread per send()', unit: 'µs' }
const FREE = { name: 'burst: main thread until free again, per send()', unit: 'µs' }
const RATE = { name: 'burst: deliveries per second', unit: 'thousands', moreIsBetter: true }
const DELIVERY = { name: 'burst: CPU per delivery', unit: 'µs' }
const SPLIT = {
  name: 'burst: share of the main thread in that CPU',
  unit: '%',
  digits: 2,
  isDescriptive: true,
}

/** Two hundred small payloads in one turn of the event loop. */
export async function burst({ kinds, ledger, mode, say }) {
  for (const clients of CASES[mode]) {
    say(`bursts to ${clients}`)
    const open = async (kind) => {
      const stand = await Stand.open(kind, clients)
      for (let time = 0; time < WARM_UP_BURSTS; time++) {
        await stand.burst({ count: COUNT, size: SIZE })
      }
      return stand
    }
    await withStands(kinds, open, async (stands) => {
      for (let round = 0; round < ROUNDS[mode]; round++) {
        for (const stand of stands) {
          note(ledger, stand, clients, await stand.burst({ count: COUNT, size: SIZE }))
        }
      }
    })
  }
}

function note(ledger, { kind }, clients, { wallNs, freeNs, cpu, delivered, spanNs }) {
  const label = `${clients} × 150 B`
  const isScripted = !kind.startsWith('raw')
  const whole = cpu.main + cpu.io + cpu.other
  if (isScripted) {
    const sum = wallNs.reduce((total, value) => total + value, 0)
    ledger.add(CALL, label, kind, sum / COUNT / 1e3)
    ledger.add(FREE, label, kind, freeNs[0] / COUNT / 1e3)
  }
  ledger.add(RATE, label, kind, delivered / (spanNs / 1e9) / 1e3)
  if (clients < 100) return
  ledger.add(DELIVERY, label, kind, whole / delivered / 1e3)
  if (isScripted) ledger.add(SPLIT, label, kind, (cpu.main / whole) * 100)
}
