// RECONNECT_CASES=10000 plays that many, RECONNECT_SEED=n begins there: one case is one seed.
import { test } from 'node:test'
import { serve, TRANSPORTS } from '../support/server.mjs'
import { drawCase, playCase } from './cut-case.mjs'
import { CuttingProxy } from './cutting-proxy.mjs'

const CASES = Number(process.env.RECONNECT_CASES ?? 1_000)
const FIRST_SEED = Number(process.env.RECONNECT_SEED ?? 1)
/** Servers side by side; each plays its cases one after another. */
const LANES = 32

test(`${CASES} random cuts lose nothing, double nothing and keep the order`, async (t) => {
  let next = FIRST_SEED
  const failures = []
  let faults = 0
  const playLane = async (_, lane) => {
    const setup = await openServer(TRANSPORTS[lane % TRANSPORTS.length].transport)
    try {
      while (next < FIRST_SEED + CASES && failures.length === 0) {
        const seed = next++
        try {
          const played = await playCase(drawCase(seed), setup)
          faults += played.faults
        } catch (error) {
          failures.push(new Error(`RECONNECT_SEED=${seed} RECONNECT_CASES=1: ${error.message}`))
        }
      }
    } finally {
      await setup.close()
    }
  }
  await Promise.all(Array.from({ length: LANES }, playLane))
  t.diagnostic(`${faults} faults in ${CASES} cases`)
  if (failures.length > 0) throw failures[0]
  if (faults < CASES / 2) throw new Error(`only ${faults} faults came to pass`)
})

async function openServer(transport) {
  const reconnect = { customEvents: true, maxMessages: 10_000, maxBytes: 64 * 1024 * 1024 }
  const { ws, port, close } = await serve(undefined, { options: { transport, reconnect } })
  const proxy = await CuttingProxy.open(port)
  const inbox = new Map()
  ws.on('case:up', (data) => {
    if (!inbox.has(data.seed)) inbox.set(data.seed, [])
    inbox.get(data.seed).push(data)
  })
  const closeBoth = async () => {
    await proxy.close()
    await close()
  }
  return { ws, proxy, inbox, close: closeBoth }
}
