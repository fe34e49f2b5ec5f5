import { Stand, sleep } from '../stand.mjs'
import { difference, residentBytes } from '../usage.mjs'

const CLIENTS = { quick: 1000, full: 5000 }
const ROUNDS = { quick: 1, full: 5 }
const WARM_UP = 200
const PARTS = {
  resident: 'all that is resident',
  used: "V8's or JavaScriptCore's heap in use",
  rest: 'outside that heap',
}

/** What a connection costs that says nothing. Each round has fresh processes. */
export async function memory({ kinds, ledger, mode, say }) {
  const clients = CLIENTS[mode]
  say(`memory of ${clients} idle connections`)
  const served = kinds.filter((kind) => !kind.startsWith('raw'))
  for (let round = 0; round < ROUNDS[mode]; round++) {
    for (const kind of served) {
      const stand = await Stand.open(kind, WARM_UP)
      try {
        await stand.disconnect()
        const before = await read(stand)
        await stand.connect(clients)
        await sleep(200)
        const growth = difference(await read(stand), before)
        for (const [part, name] of Object.entries(PARTS)) {
          const metric = { name: `memory: ${name}`, unit: 'KB per idle connection' }
          ledger.add(metric, `${clients} connections`, kind, growth[part] / clients / 1000)
        }
      } finally {
        await stand.close()
      }
    }
  }
}

/** @param {Stand} stand */
async function read({ server }) {
  const { heapUsed: used } = await server.ask({ do: 'memory' })
  const resident = residentBytes(server.pid)
  return { resident, used, rest: resident - used }
}
