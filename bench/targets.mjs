import { costTargets } from './cost-targets.mjs'
import { COMPARED } from './scenarios/transports.mjs'
import { align, number } from './table.mjs'
import { casesOf, meanOf, quotient, target, worstOf } from './target.mjs'

const FREE = 'fan-out: main thread until free again'
const LAST = 'fan-out: last client has it'
const DELIVERY = 'fan-out: CPU per delivery'
const ALONE = 'all cores for the server: data with the last client'
const INBOUND = 'inbound: CPU of the main thread per message'
/** What the outbox holds for a client that does not read; `DEFAULT_HIGH_WATER_BYTES`. */
const OUTBOX_MIB = 8

/**
 * @param {import('./ledger.mjs').Ledger} ledger
 * @returns {import('./target.mjs').Target[]}
 */
export function judge(ledger) {
  const against = (other) => (metric, label) => ledger.ratio(metric, label, 'ours', other)
  const [vite, raw, bun] = ['vite', 'raw', 'bun'].map(against)
  const ours = (metric, label) => ledger.median(metric, label, 'ours')
  const cases = (metric) => casesOf(ledger, metric)
  const worst = (metric, ratio, isMeant = () => true) =>
    worstOf(cases(metric).filter(isMeant), (label) => ratio(metric, label))
  const mean = (metric, ratio, isMeant) =>
    meanOf(
      cases(metric)
        .filter(isMeant)
        .map((label) => ratio(metric, label)),
    )
  const isCrowd = (label) => Number.parseInt(label, 10) >= 100 && !label.includes('MiB')
  const storm = cases('storm: all have reconnected').find((label) => label.includes('at once'))
  const slow = 'slow clients: RSS grows by at most'
  return [
    target('main thread per send, 1000 × 150 B, of Vite', 1 / 150, vite(FREE, '1000 × 150 B')),
    target('main thread per send, 1000 × 64 KiB, of Vite', 1 / 250, vite(FREE, '1000 × 64 KiB')),
    target(
      'main thread per send at 150 B, 5000 clients to 1',
      2,
      quotient(ours(FREE, '5000 × 150 B'), ours(FREE, '1 × 150 B')),
    ),
    target(
      'main thread per send in a burst, µs',
      3,
      worstOf(cases('burst: main thread per send()'), (label) =>
        ours('burst: main thread per send()', label),
      ),
    ),
    target('last client, worst case, of Vite', 1, worst(LAST, vite)),
    target('last client, n ≥ 100 up to 64 KiB, mean of raw', 1.05, mean(LAST, raw, isCrowd)),
    target('last client, n ≥ 100 up to 64 KiB, mean of Bun', 1, mean(LAST, bun, isCrowd)),
    target('last client with all cores, n ≥ 1000, of raw', 0.75, worst(ALONE, raw, isThousands)),
    target('CPU per delivery, paced, mean of raw', 1.15, mean(DELIVERY, raw, isCrowd)),
    target('CPU per delivery in bursts, of raw', 0.1, worst('burst: CPU per delivery', raw)),
    target(
      'RSS by 1 MiB to slow clients, MiB',
      3 + OUTBOX_MIB,
      worstOf(cases(slow), (label) => ours(slow, label)),
    ),
    target('memory per idle connection, of Vite', 0.9, worst('memory: all that is resident', vite)),
    target(
      'storm, all at once, of Vite',
      1 / 3,
      storm && vite('storm: all have reconnected', storm),
    ),
    target(
      'JavaScript blocked, p50, of Vite',
      1 / 100,
      worst('JavaScript blocked: p50 until the pong', vite),
    ),
    target(
      'JavaScript blocked, p99, of Vite',
      1 / 20,
      worst('JavaScript blocked: p99 until the pong', vite),
    ),
    target('inbound with a listener, worst, of Vite', 1 / 2, worst(INBOUND, vite, isHeard)),
    target(
      'inbound without, worst, of Vite',
      1 / 20,
      worst(INBOUND, vite, (label) => !isHeard(label)),
    ),
    ...costTargets(ledger),
    ...['ours', 'bridged'].flatMap((kind) => callTargets(ledger, kind)),
    ...COMPARED.filter(([kind]) => kind.startsWith('bridged')).flatMap((pair) =>
      bridgeTargets(ledger, pair),
    ),
  ]
}

/** The bridge is no worse than what it replaces, in any case. */
function bridgeTargets(ledger, [kind, other]) {
  const most = {
    'last client has it': 1,
    'CPU of the whole process per send': 0.9,
    'main thread until free again': 1,
    'in bursts, main thread until free again, per send': 0.5,
    'most that was resident': 1,
  }
  return Object.entries(most).map(([name, limit]) => {
    const metric = `transports: ${name}`
    const ratio = (label) => ledger.ratio(metric, label, kind, other)
    const worst = worstOf(casesOf(ledger, metric), ratio)
    return target(`${kind} of ${other}, worst: ${name}`, limit, worst)
  })
}

/** Nothing that others do may make a call wait, or the pong of a bystander. */
function callTargets(ledger, kind) {
  const above = `calls of ${kind}: that, above the same call beside nothing`
  const rows = [...(ledger.sheets.get(above)?.cases ?? [])]
  const worst = (isMeant) => {
    const cells = rows.flatMap(([label, columns]) =>
      Array.from(columns.keys(), (column) => ({ label, column })).filter(isMeant),
    )
    return worstOf(cells, ({ label, column }) => ledger.median(above, label, column))
  }
  const isLarge = ({ column }) => column === 'send 1 MiB'
  const calls = [
    target(
      `calls of ${kind}, above nothing, ms`,
      2,
      worst((cell) => !isLarge(cell)),
    ),
    target(`… a send of 1 MiB`, 2, worst(isLarge)),
  ]
  // Bridged, the pong is JavaScript's.
  if (kind !== 'ours') return calls
  const pong = 'calls: worst pong of a bystander'
  const latest = worstOf(casesOf(ledger, pong), (label) => ledger.median(pong, label, kind))
  return [...calls, target('worst pong of a bystander, ms', 50, latest)]
}

/** @param {import('./target.mjs').Target[]} targets */
export function renderTargets(targets) {
  const measured = targets.filter(({ value }) => value !== undefined)
  if (measured.length === 0) return '  none was measured'
  const rows = measured.map(({ promise, most, value }) => [
    promise,
    value <= most ? 'met' : 'MISSED',
    fraction(value),
    `at most ${fraction(most)}`,
  ])
  return `${align(rows)}\n  ${targets.length - measured.length} others were not measured`
}

function isThousands(label) {
  return Number.parseInt(label, 10) >= 1000
}

function isHeard(label) {
  return label.startsWith('event with a')
}

function fraction(value) {
  return value > 0 && value < 0.1 ? `1/${number(1 / value, 2)}` : number(value, 3)
}
