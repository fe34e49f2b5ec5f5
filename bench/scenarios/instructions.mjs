import { execFileSync, spawnSync } from 'node:child_process'
import { COUNTED_KINDS } from '../kinds.mjs'
import { Stand, withStands } from '../stand.mjs'
import { EVENT, hear } from './messages.mjs'

const CLIENTS = 50
const BYTES = 150
const GAP_MS = 3
/** Young code is counted by its interpreter and its compilers: it runs so often before. */
const WARM_UP = { sends: 1000, messages: 100, rounds: 6 }
const ROUNDS = { quick: 2, full: 3 }
/** Of so many counts the least is taken: what comes on top is the collection of garbage. */
const COUNTS = 3
const SENDS = 100
const MESSAGES = { bytes: 60, count: 1, times: 10 }

const compared = COUNTED_KINDS.slice(1).map((kind) => [kind, COUNTED_KINDS[0]])
const metric = (name) => ({ name: `instructions: ${name}`, unit: 'thousands', compared })
const SEND = metric(`a send to ${CLIENTS}`)
const MESSAGE = metric('a message with a listener')
const UPGRADE = metric('an upgrade')
const END = metric('the end of a connection')

/**
 * Instructions outside of the kernel, counted by Valgrind. They hardly depend on what else runs, and
 * say nothing of waiting, caches and system calls.
 */
export async function instructions({ kinds, ledger, mode, say }) {
  const served = kinds.filter((kind) => COUNTED_KINDS.includes(kind))
  if (spawnSync('callgrind_control', ['--version']).error) {
    return ledger.note('without instructions: Valgrind is not installed')
  }
  say('counting instructions')
  await withStands(served, openWarm, async (stands) => {
    for (let round = 0; round < ROUNDS[mode]; round++) {
      for (const stand of stands) await countAll(ledger, stand)
    }
  })
}

/** @param {string} kind */
async function openWarm(kind) {
  const stand = await Stand.open(kind, CLIENTS)
  await stand.server.ask({ do: 'listen', event: EVENT })
  for (let round = 0; round < WARM_UP.rounds; round++) {
    await stand.disconnect()
    await stand.connect(CLIENTS)
  }
  await stand.series({ size: BYTES, count: WARM_UP.sends, gapMs: 1 })
  await hear(stand, { ...MESSAGES, times: WARM_UP.messages })
  return stand
}

/** @param {Stand} stand */
async function countAll(ledger, stand) {
  const { kind } = stand
  const least = new Map()
  const note = async (metric, count, act) => {
    const before = counted(stand)
    await act()
    const spent = (counted(stand) - before) / count / 1e3
    least.set(metric, Math.min(spent, least.get(metric) ?? spent))
  }
  for (let time = 0; time < COUNTS; time++) {
    await note(SEND, SENDS, () => stand.series({ size: BYTES, count: SENDS, gapMs: GAP_MS }))
    await note(MESSAGE, CLIENTS * MESSAGES.times, () => hear(stand, MESSAGES))
    await note(END, CLIENTS, () => stand.disconnect())
    await note(UPGRADE, CLIENTS, () => stand.connect(CLIENTS))
  }
  for (const [metric, spent] of least) ledger.add(metric, 'all threads', kind, spent)
}

/** Instructions of the server so far. @param {Stand} stand */
function counted({ server }) {
  const text = execFileSync('callgrind_control', ['-e', 'Ir', String(server.pid)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const threads = Array.from(text.matchAll(/Th \d+\s+([\d,]+)/g), ([, digits]) => digits)
  if (threads.length === 0) throw new Error(`callgrind_control says no figures: ${text}`)
  return threads.reduce((sum, digits) => sum + Number(digits.replaceAll(',', '')), 0)
}
