import { parseArgs } from 'node:util'
import { SECTIONS, sectionOf } from './catalogue.mjs'
import { isPassed, runCatalogue } from './catalogue-run.mjs'
import { TARGETS } from './echo-servers.mjs'

const USAGE = `node __test__/conformance/run.mjs [options]

  --target ${Object.keys(TARGETS).join(' | ')}   repeatable; adopted and bridged by default
  --only 6.4                          the cases whose number starts so
  --quick                             without the largest sizes of section 9
  --verbose                           every case
`
const VERDICTS = ['OK', 'NON-STRICT', 'INFORMATIONAL', 'FAILED']

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true, default: ['adopted', 'bridged'] },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || values.target.some((name) => !TARGETS[name])) {
  console.log(USAGE)
  process.exit(values.help ? 0 : 2)
}

function table(target, results) {
  const line = (name, counts, ms) =>
    [name.padEnd(36), ...counts.map((n, i) => String(n).padStart(VERDICTS[i].length + 2)), ms]
      .join('')
      .trimEnd()
  console.log(`\n${target}`)
  console.log(line('section', VERDICTS, ''))
  for (const [number, title] of Object.entries(SECTIONS)) {
    const inside = results.filter(({ scenario }) => sectionOf(scenario) === number)
    if (!inside.length) continue
    const counts = VERDICTS.map((v) => inside.filter(({ verdict }) => verdict === v).length || '')
    console.log(line(`${number.padStart(2)}  ${title}`, counts, ''))
  }
  for (const { scenario, verdict, reason, ms } of results) {
    const notable = verdict !== 'OK' && verdict !== 'INFORMATIONAL'
    if (!notable && !values.verbose) continue
    const why = reason ? `: ${reason}` : ''
    console.log(`  ${scenario.id} ${verdict} ${scenario.name}${why} (${Math.round(ms)} ms)`)
  }
}

const all = []
for (const target of values.target) {
  const results = await runCatalogue(target, values)
  table(target, results)
  all.push(...results)
}
const passed = all.filter(isPassed).length
console.log(`\n${passed} passed, ${all.length - passed} failed`)
process.exitCode = passed === all.length && all.length ? 0 : 1
