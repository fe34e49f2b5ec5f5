import { median } from '../ledger.mjs'
import { Stand, sleep } from '../stand.mjs'
import { forgetPeak, peakBytes, residentBytes } from '../usage.mjs'

const MEBIBYTE = 1024 * 1024
const ROUNDS = { quick: 1, full: 2 }
const STALLED = { quick: 32, full: 256 }
const SLOW = {
  quick: { clients: 200, bytes: 16384, everyMs: 10 },
  full: { clients: 1000, bytes: 8192, everyMs: 20 },
}
/** Small, so that slowness reaches the server instead of the kernel's buffers. */
const RECEIVE_BYTES = 16 * 1024
const STALLED_GROUP = 1

const GROWTH = 'RSS grows by at most'

/** One client does not read; another one, healthy, is to get everything, in order. */
export async function stalled({ kinds, ledger, mode, say }) {
  const count = STALLED[mode]
  say(`one stalled client, ${count} payloads of 1 MiB`)
  await eachRound({ kinds, mode, ledger, name: 'stalled client' }, async (stand) => {
    const label = `${count} × 1 MiB, one reads and one does not`
    await stand.connect(1)
    await stand.connect(1, { group: STALLED_GROUP, receiveBytes: RECEIVE_BYTES })
    await stand.crowd.ask({ do: 'read', group: STALLED_GROUP, bytes: 0 })
    const { growth, series } = await watched(stand, { size: MEBIBYTE, count, gapMs: 4 })
    const metric = { name: `stalled client: ${GROWTH}`, unit: 'MiB' }
    ledger.add(metric, label, stand.kind, growth / MEBIBYTE)
    const healthy = { name: 'stalled client: the healthy one has it', unit: 'ms' }
    ledger.add(healthy, label, stand.kind, median(series.latencyNs) / 1e6)
  })
}

/** A large payload to many clients that read a little at a time. */
export async function slowReaders({ kinds, ledger, mode, say }) {
  const { clients, bytes, everyMs } = SLOW[mode]
  say(`one payload of 1 MiB to ${clients} slow clients`)
  await eachRound({ kinds, mode, ledger, name: 'slow clients' }, async (stand) => {
    await stand.connect(clients, { receiveBytes: RECEIVE_BYTES })
    await stand.crowd.ask({ do: 'read', group: 0, bytes, everyMs })
    const label = `1 MiB × ${clients}, each reads ${bytes / 1024} KiB every ${everyMs} ms`
    const { growth } = await watched(stand, { size: MEBIBYTE, count: 1, gapMs: 10 })
    ledger.add(
      { name: `slow clients: ${GROWTH}`, unit: 'MiB' },
      label,
      stand.kind,
      growth / MEBIBYTE,
    )
  })
}

/** Each round has fresh processes, because what was freed is not always given back. */
async function eachRound({ kinds, mode, ledger, name }, play) {
  const served = kinds.filter((kind) => !kind.startsWith('raw'))
  for (let round = 0; round < ROUNDS[mode]; round++) {
    for (const kind of served) {
      const stand = await Stand.open(kind)
      try {
        await play(stand)
      } catch (error) {
        const [reason] = error.message.split('\n')
        ledger.note(`${name}: ${reason}`)
      } finally {
        await stand.close()
      }
    }
  }
}

/** @param {Stand} stand */
async function watched(stand, order) {
  const { pid } = stand.server
  await stand.server.ask({ do: 'memory' })
  await sleep(50)
  const before = residentBytes(pid)
  forgetPeak(pid)
  const series = await stand.series({ ...order, withinMs: 20_000 })
  return { growth: Math.max(0, peakBytes(pid) - before), series }
}
