import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readDifferences } from '../support/differences.mjs'
import { AGAIN, COLUMNS, inapplicable, MAJORS } from './axes.mjs'
import { runColumn } from './matrix.mjs'
import { scenarios as all } from './scenarios/index.mjs'
import { gatherRemarks, renderReasons, renderTable } from './table.mjs'
import { judge } from './verdict.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    only: { type: 'string', multiple: true },
    major: { type: 'string', multiple: true },
    column: { type: 'string', multiple: true },
    jobs: { type: 'string', default: '2' },
    verbose: { type: 'boolean' },
    list: { type: 'boolean' },
    observations: { type: 'boolean' },
  },
})

const differences = readDifferences()
const scenarios = all.filter(
  ({ name, quick }) =>
    (!flags.quick || quick) && (!flags.only || flags.only.some((part) => matches(name, part))),
)
if (flags.list) {
  for (const { name, covers } of scenarios) console.log(`${name}: ${covers}`)
  process.exit()
}
const majors = flags.major?.map(Number) ?? MAJORS
// Vite's own server is what the others are compared with, so it always runs.
const wanted = flags.column
  ? [...COLUMNS, AGAIN].filter((one) => flags.column.includes(one))
  : COLUMNS
const shown = flags.quick && !flags.column ? quickColumns() : cross(wanted)
const columns = MAJORS.flatMap((major) => {
  const mine = shown.filter((one) => one.major === major)
  const own = { major, column: 'vite' }
  return mine.length > 0 && !mine.some(({ column }) => column === 'vite') ? [own, ...mine] : mine
})

function matches(name, part) {
  return part.includes('*')
    ? new RegExp(`^${part.replaceAll('*', '.*')}$`).test(name)
    : name === part
}

function cross(names) {
  return majors.flatMap((major) => names.map((column) => ({ major, column })))
}

// The bridge is the same JavaScript above another stream: one major shows it in the quick part.
function quickColumns() {
  return cross(COLUMNS).filter(({ major, column }) => column !== 'bridged' || major === 8)
}

// Scenarios that need a fixed port of the machine never run side by side.
let turn = Promise.resolve()
function lock(work) {
  const mine = turn.then(work)
  turn = mine.catch(() => {})
  return mine
}

// Processes that are killed leave their folders behind; all of them lie in this one.
const folder = mkdtempSync(join(tmpdir(), 'parity-'))
process.env.TMPDIR = folder
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

const results = new Map()
function report(result) {
  results.set(`${result.major} ${result.column} ${result.name}`, result)
  if (flags.observations) console.log(result.name, JSON.stringify(result.observations, null, 2))
  if (!flags.verbose) return
  const word = result.failure ? 'fails' : 'ran'
  console.log(`Vite ${result.major} ${result.column} ${result.name}: ${word} in ${result.ms} ms`)
}

const from = performance.now()
const waiting = [...columns]
await Promise.all(
  Array.from({ length: Number(flags.jobs) }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { major, column } = next
      const mine = scenarios.filter((scenario) => !inapplicable(scenario, major))
      await runColumn({ major, column, scenarios: mine, lock, report })
    }
  }),
)

const cells = new Map()
function judgeAll() {
  for (const { major, column } of columns) {
    for (const scenario of scenarios) {
      const cell = judge({ scenario, major, column, results, differences })
      cells.set(`${major} ${column} ${scenario.name}`, { ...cell, major, column, scenario })
    }
  }
  return [...cells.values()].filter((cell) => cell.failed)
}

// On a busy machine a deadline may pass for no fault of either server. What fails is run once more
// with nothing beside it, and named below the table; a defect fails twice.
const again = judgeAll()
for (const { major, column, scenario } of again) {
  for (const one of new Set(['vite', column])) {
    await runColumn({ major, column: one, scenarios: [scenario], lock, report })
  }
}
judgeAll()

console.log(renderTable(cells, scenarios, columns))
const reasons = renderReasons(cells)
if (reasons) console.log(`\nNot applicable (-):\n${reasons}`)
const remarks = gatherRemarks(cells, flags.verbose)
if (remarks) console.log(`\nRemarks:\n${remarks}`)
const judged = [...cells.values()].filter(({ word }) => word !== '-')
const failed = judged.filter((cell) => cell.failed).length
if (again.length > 0) {
  const names = again.map(({ major, column, scenario }) => `${scenario.name} (${major} ${column})`)
  console.log(`\nRun a second time: ${names.join(', ')}`)
}
console.log(`\n${scenarios.length} scenarios in ${Math.round((performance.now() - from) / 1000)} s`)
console.log(`${judged.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 || judged.length === 0 ? 1 : 0
