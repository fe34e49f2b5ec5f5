import { Stand, sleep, withStands } from '../stand.mjs'

const CLIENTS = 1000
const ROUNDS = { quick: 1, full: 5 }
const HEARD = 'bench:heard'
const TEXTS = {
  'event with a listener': event(HEARD),
  'event without a listener': event('bench:ignored'),
  'JSON of another type': JSON.stringify({ type: 'ping', filler: 'x'.repeat(80) }),
  junk: 'no JSON at all '.repeat(8),
}
const CASES = { quick: ['event with a listener', 'junk'], full: Object.keys(TEXTS) }
const WAYS = { '20 a client at once': [20, 1], 'one a client': [1, 5] }
const SETTLED_NS = 500_000

const TIME = { name: 'inbound: CPU of the main thread per message', unit: 'µs' }
const WHOLE = { name: 'inbound: CPU of the whole process per message', unit: 'µs' }

/** A thousand clients talk to the server. */
export async function inbound({ kinds, ledger, mode, say }) {
  say(`messages of ${CLIENTS} clients`)
  const served = kinds.filter((kind) => !kind.startsWith('raw'))
  const open = async (kind) => {
    const stand = await Stand.open(kind, CLIENTS)
    await stand.server.ask({ do: 'listen', event: HEARD })
    for (const name of CASES[mode]) await talk(stand, TEXTS[name], [20, 1])
    return stand
  }
  await withStands(served, open, async (stands) => {
    for (let round = 0; round < ROUNDS[mode]; round++) {
      for (const name of CASES[mode]) {
        for (const [way, plan] of Object.entries(WAYS)) {
          for (const stand of stands) {
            const spent = await talk(stand, TEXTS[name], plan)
            ledger.add(TIME, `${name}, ${way}`, stand.kind, spent.main)
            ledger.add(WHOLE, `${name}, ${way}`, stand.kind, spent.whole)
          }
        }
      }
    }
  })
}

/** @param {Stand} stand @returns Microseconds for each message. */
async function talk(stand, text, [count, times]) {
  const messages = CLIENTS * count * times
  const { heard: heardBefore } = await stand.server.ask({ do: 'heard' })
  await sleep(10)
  const before = stand.cpu()
  for (let time = 0; time < times; time++) {
    await stand.crowd.ask({ do: 'talk', text, count })
    await settled(stand)
  }
  const after = stand.cpu()
  const { heard } = await stand.server.ask({ do: 'heard' })
  const expected = text === TEXTS['event with a listener'] ? messages : 0
  if (heard - heardBefore !== expected) {
    throw new Error(`${stand.kind}: heard ${heard - heardBefore} events, not ${expected}`)
  }
  const main = (after.main - before.main) / messages / 1e3
  const rest = (after.io + after.other - before.io - before.other) / messages / 1e3
  return { main, whole: main + rest }
}

/** Waits until the server does nothing more. @param {Stand} stand */
async function settled(stand) {
  const sum = ({ main, io }) => main + io
  for (let before = 0, now = sum(stand.cpu()); now - before > SETTLED_NS; ) {
    await sleep(30)
    before = now
    now = sum(stand.cpu())
  }
}

function event(name) {
  const data = { text: 'x'.repeat(40) }
  return JSON.stringify({ type: 'custom', event: name, data })
}
