import { quantile } from '../ledger.mjs'
import { Stand, sleep, withStands } from '../stand.mjs'

const CLIENTS = 100
const SECONDS = { quick: 2, full: 6 }
const ROUNDS = { quick: 1, full: 3 }
const PING_EVERY_MS = 50

/** JavaScript computes for 500 ms of every second while clients ping. */
export async function blocked({ kinds, ledger, mode, say }) {
  say(`${CLIENTS} clients ping while JavaScript is busy half of the time`)
  const served = kinds.filter((kind) => !kind.startsWith('raw'))
  const open = (kind) => Stand.open(kind, CLIENTS)
  const seconds = SECONDS[mode]
  await withStands(served, open, async (stands) => {
    for (let round = 0; round < ROUNDS[mode]; round++) {
      for (const stand of stands) {
        const ping = { do: 'ping', everyMs: PING_EVERY_MS, forMs: seconds * 1000 }
        const block = { do: 'block', forMs: 500, everyMs: 1000, times: seconds }
        const [{ latencyNs, unanswered }] = await Promise.all([
          stand.crowd.ask(ping),
          stand.server.ask(block),
        ])
        if (unanswered > 0) ledger.note(`blocked, ${stand.kind}: ${unanswered} pings unanswered`)
        for (const share of [0.5, 0.99]) {
          const metric = { name: `JavaScript blocked: p${share * 100} until the pong`, unit: 'ms' }
          ledger.add(metric, `${CLIENTS} clients`, stand.kind, quantile(latencyNs, share) / 1e6)
        }
        await sleep(50)
      }
    }
  })
}
