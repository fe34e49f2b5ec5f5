// The table runner × Node version. `--quick` takes the current Node alone, and fewer cycles;
// `--only NAME` takes the rows with NAME in theirs.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeApplication } from './application.mjs'
import { ROWS } from './rows.mjs'
import { renderRemarks, renderTable } from './table.mjs'

/** Cells at once: the machine has few cores, and most cells wait. */
const AT_ONCE = 2
const FOLDERS = [
  '__test__/runtimes/failing',
  '__test__/runtimes/vitest-inline',
  '__test__/runtimes/programs',
  '__test__/runtimes/jest',
  '__test__/runtimes/jest-time',
  '__test__/runtimes/vitest',
  '__test__/runtimes/vitest-time',
  'examples/plugin-test-vitest',
  'examples/plugin-test-jest',
]

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
})
const binaries = fileURLToPath(new URL('binaries/', import.meta.url))

/** The Node binaries of the suite, oldest first. */
function columns() {
  if (flags.quick) return [column(process.execPath)]
  const { dependencies } = JSON.parse(readFileSync(join(binaries, 'package.json'), 'utf8'))
  return Object.keys(dependencies)
    .filter((name) => name.startsWith('node-'))
    .sort()
    .map((name) => column(join(binaries, 'node_modules', name, 'bin/node')))
}

function column(node) {
  const { stdout, error } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  if (error) throw new Error(`${node} does not start: ${error.message}`)
  const version = stdout.trim().slice(1)
  return { node, version, major: Number(version.split('.')[0]) }
}

async function judge(row, place) {
  const why = row.skip?.(place)
  if (why) return { word: '-', why }
  const from = performance.now()
  try {
    const remark = await row.run(place)
    return { word: 'ok', seconds: (performance.now() - from) / 1000, remark }
  } catch (error) {
    return { word: 'FAILS', why: error.stack }
  }
}

const from = performance.now()
const places = columns()
const rows = ROWS.filter(
  ({ name, isQuick }) => (isQuick || !flags.quick) && name.includes(flags.only),
)
const application = makeApplication({ folders: FOLDERS })
process.once('exit', application.remove)
const cells = rows.flatMap((row) => places.map((place) => ({ row, place })))
const waiting = [...cells]
const finish = async () => {
  for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
    const place = { ...cell.place, root: application.root, isQuick: flags.quick }
    cell.verdict = await judge(cell.row, place)
    const { word, seconds } = cell.verdict
    const time = seconds === undefined ? '' : ` (${seconds.toFixed(1)} s)`
    console.log(`${cell.row.name}, Node ${cell.place.version}: ${word}${time}`)
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, finish))

console.log(`\n${renderTable(cells, rows, places)}`)
console.log(renderRemarks(cells))
const failed = cells.filter(({ verdict }) => verdict.word === 'FAILS').length
const passed = cells.filter(({ verdict }) => verdict.word === 'ok').length
const seconds = Math.round((performance.now() - from) / 1000)
console.log(`\n${passed} passed, ${failed} failed, in ${seconds} s`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
