// Prints every documented member of ws's server-side API, the tests that show it, and the results.
import { inspect } from 'node:util'
import { compare, loadScenarios } from './comparison.mjs'
import { IMPLEMENTATIONS } from './implementations.mjs'
import { CLIENT_ONLY, MEMBERS } from './members.mjs'

const scenarios = await loadScenarios()
const results = new Map()
for (const scenario of scenarios) results.set(scenario, await compare(scenario))

const rows = [['member', 'shown by', ...IMPLEMENTATIONS.map(({ name }) => name)]]
for (const member of MEMBERS) {
  const showing = scenarios.filter(({ members }) => members.includes(member))
  if (showing.length === 0) {
    rows.push([member, CLIENT_ONLY.get(member) ?? 'NOTHING', ...IMPLEMENTATIONS.map(() => '-')])
  }
  for (const [place, scenario] of showing.entries()) {
    const words = results.get(scenario).map(({ word }) => word)
    rows.push([place === 0 ? member : '', scenario.name, ...words])
  }
}
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
for (const row of rows) {
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  )
}

const failed = [...results].flatMap(([scenario, cells]) =>
  cells.filter(({ word }) => word === 'fails').map((cell) => ({ ...cell, scenario })),
)
for (const { scenario, name, why } of failed) {
  console.log(`\n${scenario.name} (${name})\n${why.message ?? inspect(why)}`)
}
const differing = [...results.values()].filter((cells) =>
  cells.some(({ word }) => word.startsWith('differs')),
)
console.log(
  `\n${MEMBERS.length} members, ${CLIENT_ONLY.size} of them for clients only; ` +
    `${scenarios.length} tests, ${differing.length} of deliberate differences, ` +
    `${failed.length} failures`,
)
process.exitCode = failed.length > 0 ? 1 : 0
