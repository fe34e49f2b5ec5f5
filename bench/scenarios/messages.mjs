import { SETTINGS } from '../cores.mjs'
import { Stand, sleep, withStands } from '../stand.mjs'
import { difference } from '../usage.mjs'

const CLIENTS = { quick: 200, full: 1000 }
const ROUNDS = { quick: 2, full: 5 }
export const EVENT = 'bench:heard'
/** Messages of a client in one write, and how often all clients write. */
const WAYS = {
  '60 B alone': { bytes: 60, count: 1, times: 20 },
  '60 B, 20 a write': { bytes: 60, count: 20, times: 4 },
  '2,000 B alone': { bytes: 2000, count: 1, times: 20 },
}
const WARM_UPS = 2

const RATE = { name: 'messages: heard per second', unit: 'thousands', moreIsBetter: true }
const MAIN = { name: 'messages: CPU of the main thread per message', unit: 'µs' }
const WHOLE = { name: 'messages: CPU of the whole process per message', unit: 'µs' }

/**
 * Custom events with a listener. All clients write once, and again when the last message has been
 * heard: so a message that is alone in its write is alone in its read, too.
 */
export async function messages({ kinds, ledger, mode, say }) {
  const clients = CLIENTS[mode]
  const served = kinds.filter((kind) => !kind.startsWith('raw'))
  for (const [setting, cores] of Object.entries(SETTINGS)) {
    say(`messages of ${clients} clients, ${setting}`)
    const open = async (kind) => {
      const stand = await Stand.open(kind, clients, {}, cores)
      await stand.server.ask({ do: 'listen', event: EVENT })
      for (let time = 0; time < WARM_UPS; time++) {
        for (const way of Object.values(WAYS)) await hear(stand, way)
      }
      return stand
    }
    await withStands(served, open, async (stands) => {
      for (let round = 0; round < ROUNDS[mode]; round++) {
        for (const [name, way] of Object.entries(WAYS)) {
          for (const stand of stands) {
            const { perSecond, main, whole } = await hear(stand, way)
            const label = `${name}, ${setting}`
            ledger.add(RATE, label, stand.kind, perSecond / 1e3)
            ledger.add(MAIN, label, stand.kind, main)
            ledger.add(WHOLE, label, stand.kind, whole)
          }
        }
      }
    })
  }
}

/**
 * All clients write so many messages at once, and again when all have been heard.
 *
 * @param {Stand} stand
 * @param {{ bytes: number, count: number, times: number }} way
 */
export async function hear(stand, { bytes, count, times }) {
  const each = stand.clients * count
  const text = event(bytes)
  let { heard } = await stand.server.ask({ do: 'heard' })
  await sleep(10)
  const before = stand.cpu()
  let ns = 0
  for (let time = 0; time < times; time++) {
    heard += each
    const hearing = stand.server.ask({ do: 'hear', count: heard })
    const { begunNs } = await stand.crowd.ask({ do: 'talk', text, count })
    ns += (await hearing).atNs - begunNs
  }
  const { main, io, other } = difference(stand.cpu(), before)
  const all = each * times
  return {
    perSecond: all / (ns / 1e9),
    main: main / all / 1e3,
    whole: (main + io + other) / all / 1e3,
  }
}

function event(bytes) {
  const empty = JSON.stringify({ type: 'custom', event: EVENT, data: '' })
  return JSON.stringify({ type: 'custom', event: EVENT, data: 'x'.repeat(bytes - empty.length) })
}
