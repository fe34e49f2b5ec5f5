import { parseArgs } from 'node:util'
import { groupOf } from './catalogue.mjs'
import { compareServers } from './comparison.mjs'
import { TARGETS } from './server-process.mjs'

const USAGE = `node __test__/hostile/run.mjs [options]

  --target ${Object.keys(TARGETS).join(' | ')}   repeatable; all by default, and Vite's own server
                                     always runs beside ours, to be compared with
  --only 'frame/*'                   the cases that the glob covers
  --touched                          with a plugin that listens to every raw socket; what it hears
                                     is compared too
  --verbose                          what every case saw
`
const COLUMNS = ['same', 'named', 'observed', 'FAILED']

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true, default: Object.keys(TARGETS) },
    only: { type: 'string' },
    touched: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || values.target.some((name) => !TARGETS[name])) {
  console.log(USAGE)
  process.exit(values.help ? 0 : 2)
}

function show({ hostile, target, verdict, reason, seen, reference, logs = [] }) {
  const failed = verdict === 'FAILED'
  if (!failed && !values.verbose) return
  console.log(`${target} ${hostile.id} ${verdict}${reason ? `: ${reason}` : ''}`)
  for (const line of seen) console.log(`    ${line}`)
  if (failed && reference.length) for (const line of reference) console.log(`    vite: ${line}`)
  if (values.verbose) for (const line of logs) console.log(`    log: ${JSON.stringify(line)}`)
}

const row = (name, counts) =>
  [name.padEnd(34), ...counts.map((n, i) => String(n).padStart(COLUMNS[i].length + 2))].join('')

function groups(target, results) {
  console.log(`\n${row(target, COLUMNS)}`)
  for (const group of new Set(results.map(({ hostile }) => groupOf(hostile)))) {
    const inside = results.filter(({ hostile }) => groupOf(hostile) === group)
    const counts = COLUMNS.map((v) => inside.filter(({ verdict }) => verdict === v).length || '')
    console.log(row(`  ${group}`, counts))
  }
}

function byDifference(differences, results) {
  const named = results.filter(({ verdict }) => verdict === 'named')
  if (!differences.length) return
  console.log('\ndifference')
  for (const { name } of differences) {
    const cases = new Set(named.filter(({ reason }) => reason === name).map((r) => r.hostile.id))
    const note = cases.size || values.only ? '' : '  (covers no case that differs)'
    console.log(`  ${name.padEnd(60)}${String(cases.size).padStart(5)}${note}`)
  }
}

const targets = [...new Set(['vite', ...values.target])]
const from = performance.now()
const { only, touched } = values
const { results, differences, deaths } = await compareServers({
  targets,
  only,
  touched,
  onResult: show,
})
for (const target of targets) {
  groups(
    target,
    results.filter((result) => result.target === target),
  )
}
byDifference(differences, results)
const died = [...deaths].map(([name, count]) => `${name} ${count}`).join(', ')
console.log(`\nprocesses that died: ${died}; ${Math.round((performance.now() - from) / 1000)} s`)
const failed = results.filter(({ verdict }) => verdict === 'FAILED').length
console.log(`\n${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed || !results.length ? 1 : 0
