import { setTimeout as sleep } from 'node:timers/promises'
import { readDifferences } from '../support/differences.mjs'
import { covers, select } from './catalogue.mjs'
import { observe } from './exchange.mjs'
import { OPEN, runs } from './observation.mjs'
import { ServerProcess } from './server-process.mjs'

/** What V8 and the allocator keep after a flood; a leak of one connection in each case is more. */
const RESIDENT_TOLERANCE_MIB = 96
const DESCRIPTOR_TOLERANCE = 2
/** Sockets that the catalogue has left take a moment to be closed on the other side. */
const SETTLE_MS = 1_500
const WARM_UP = 3
/** The log comes by another way than the broadcast, and may be later. */
const LOG_MS = 20

/**
 * @typedef {object} Result
 * @property {import('./exchange.mjs').Case} hostile
 * @property {string} target
 * @property {'same' | 'named' | 'FAILED' | 'observed'} verdict
 * @property {string} reason The difference's name, or what is wrong
 * @property {string[]} seen
 * @property {string[]} reference What Vite's own server answered
 */

async function attempt(target, hostile) {
  target.logs.length = 0
  target.heard.length = 0
  const lines = await observe(target, hostile)
  const { died, heard, why } = await target.examine()
  const testimony = await target.testimony()
  const heardByPlugin = died ? [] : testimony.map((line) => `plugin: ${line}`)
  const seen = hostile.blind ? [] : [...lines, ...runs(heardByPlugin)]
  if (died) seen.push('process died')
  if (hostile.event && !target.logs.length) await sleep(LOG_MS)
  return { seen, died, heard, why, logs: [...target.logs] }
}

/** @returns {{ verdict: Result['verdict'], reason: string }} */
function judge(hostile, ours, vite, differences) {
  if (ours.died) return { verdict: 'FAILED', reason: `process died: ${firstError(ours.why)}` }
  if (!ours.heard) return { verdict: 'FAILED', reason: 'the canary got no broadcast' }
  const fault = vite.died && hostile.event && survivalFault(hostile, ours)
  if (fault) return { verdict: 'FAILED', reason: fault }
  if (same(ours.seen, vite.seen)) return { verdict: 'same', reason: '' }
  const difference = differences.find(({ cases }) => cases.some((glob) => covers(glob, hostile.id)))
  if (!difference) return { verdict: 'FAILED', reason: 'another answer, and no named difference' }
  return { verdict: 'named', reason: difference.name }
}

/** What ends Vite's own process ends not even the connection, and is told of. */
function survivalFault({ event }, { seen, logs }) {
  if (!seen.includes(OPEN)) return 'the connection did not survive'
  if (!logs.some((line) => line.includes(event))) return `no log line names ${event}`
}

const same = (a, b) => a.length === b.length && a.every((line, i) => line === b[i])
const firstError = (text = '') => /^.*Error.*$/m.exec(text)?.[0] ?? text.slice(0, 200)

/**
 * The selected cases against Vite's own server and ours.
 *
 * @param {{ targets: string[], only?: string, touched?: boolean, onResult?: (result: Result) => void }} options
 */
export async function compareServers({ targets: names, only, touched, onResult }) {
  const cases = select(only)
  const differences = readDifferences().filter(({ cases }) => cases.length > 0)
  const targets = names.map((name) => new ServerProcess(name, { touched }))
  const reference = targets.find(({ name }) => name === 'vite')
  const results = []
  const before = new Map()
  const take = (result) => {
    results.push(result)
    onResult?.(result)
  }
  try {
    await Promise.all(targets.map((target) => target.start()))
    const [warm] = select('close/empty')
    for (const target of targets) {
      for (let i = 0; i < WARM_UP; i++) await attempt(target, warm)
      before.set(target, await target.footprint())
    }
    for (const hostile of cases) {
      const answers = new Map()
      await Promise.all(
        targets.map(async (target) => answers.set(target, await attempt(target, hostile))),
      )
      const vite = answers.get(reference)
      for (const target of targets) {
        const ours = answers.get(target)
        const verdict =
          target === reference || !vite
            ? alone(ours, target === reference)
            : judge(hostile, ours, vite, differences)
        const { name } = target
        take({ hostile, target: name, ...ours, reference: vite?.seen ?? [], ...verdict })
      }
    }
    await sleep(SETTLE_MS)
    for (const target of targets) take(await leftovers(target, before.get(target)))
  } finally {
    await Promise.allSettled(targets.map((target) => target.stop()))
  }
  return {
    results,
    differences,
    deaths: new Map(targets.map(({ name, deaths }) => [name, deaths])),
  }
}

/** Without a reference nothing can be compared; Vite's own may die, that is an observation. */
function alone(ours, isReference) {
  if (!ours.heard && !(ours.died && isReference)) {
    return { verdict: 'FAILED', reason: ours.died ? 'process died' : 'the canary got no broadcast' }
  }
  return { verdict: 'observed', reason: ours.died ? firstError(ours.why) : '' }
}

/** Descriptors and memory at the end, against those of the same process at the beginning. */
async function leftovers(target, before) {
  const after = await target.footprint()
  const hostile = { id: 'end/descriptors-and-memory', steps: [] }
  const result = { hostile, target: target.name, reference: [], verdict: 'same', reason: '' }
  if (!after) return { ...result, seen: ['not measured on this platform'] }
  const mib = (from, to) => `${Math.round(from)} → ${Math.round(to)} MiB`
  const seen = [
    `descriptors ${before.descriptors} → ${after.descriptors}`,
    `resident ${mib(before.resident, after.resident)}`,
  ]
  // Vite's own was started again since, and says nothing of itself any more.
  if (before.pid !== after.pid) return { ...result, seen: [...seen, 'another process'] }
  const leaked =
    after.descriptors > before.descriptors + DESCRIPTOR_TOLERANCE ||
    after.resident > before.resident + RESIDENT_TOLERANCE_MIB
  if (!leaked) return { ...result, seen }
  return { ...result, seen, verdict: 'FAILED', reason: seen.join(', ') }
}
