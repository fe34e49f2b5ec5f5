import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { median } from './ledger.mjs'
import { align, number } from './table.mjs'

/** By how much a row may be worse than the figure that is stored for it. */
const TOLERANCE = 1.25
/** A server that costs next to nothing is not said to be worse when it is still next to nothing. */
const NEXT_TO_NOTHING = 0.02
/** Of the servers that no scenario names; Bun cannot always be had. */
const COMPARED = [
  ['ours', 'vite'],
  ['ours', 'raw'],
]
const FILE = fileURLToPath(new URL('baseline.json', import.meta.url))
/** Ratios depend on how many cores there are, and on little else of a machine. */
const CORES = `${availableParallelism()} cores`

/**
 * A ratio of two servers in one case; the larger, the worse.
 *
 * @typedef {{ name: string, scenario: string, ratio: number }} Row
 */

/** @param {import('./ledger.mjs').Ledger} ledger @returns {Map<string, Row>} */
export function rowsOf(ledger) {
  const rows = new Map()
  for (const { metric, scenario, cases } of ledger.sheets.values()) {
    if (metric.isDescriptive) continue
    for (const label of cases.keys()) {
      for (const [one, other] of metric.compared ?? COMPARED) {
        const [over, under] = metric.moreIsBetter ? [other, one] : [one, other]
        const ratio = ledger.ratio(metric.name, label, over, under)
        const name = `${metric.name} | ${label} | ${one}/${other}`
        if (ratio > 0) rows.set(name, { name, scenario, ratio })
      }
    }
  }
  return rows
}

/** The ratios that are stored for as many cores. @returns {Record<string, number> | undefined} */
export function storedRatios() {
  return readAll()[CORES]
}

/**
 * Stores the medians of some runs; rows that they do not have stay as they are.
 *
 * @param {Map<string, Row>[]} runs
 */
export function store(runs) {
  const all = readAll()
  const ratios = { ...all[CORES] }
  for (const name of new Set(runs.flatMap((rows) => [...rows.keys()]))) {
    const values = runs.flatMap((rows) => rows.get(name)?.ratio ?? [])
    ratios[name] = Number(median(values).toPrecision(3))
  }
  const sorted = Object.entries(ratios).toSorted(([a], [b]) => (a < b ? -1 : 1))
  all[CORES] = Object.fromEntries(sorted)
  writeFileSync(FILE, `${JSON.stringify(all, undefined, 2)}\n`)
  return Object.keys(ratios).length
}

/** The rows that are worse than is stored. @param {Map<string, Row>} rows */
export function findWorse(rows, stored) {
  return [...rows.values()].filter(({ name, ratio }) => {
    const least = Math.max(stored[name] ?? Number.POSITIVE_INFINITY, NEXT_TO_NOTHING)
    return ratio > least * TOLERANCE
  })
}

/** @param {Row[]} worse @param {Record<string, number>} stored */
export function renderWorse(worse, stored) {
  const rows = worse.map(({ name, ratio }) => [
    name,
    number(stored[name]),
    number(ratio),
    `+${Math.round((ratio / stored[name] - 1) * 100)} %`,
  ])
  return align([['', 'stored', 'now', ''], ...rows])
}

function readAll() {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {}
}
