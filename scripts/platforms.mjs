// npm run platforms: builds the addon for the platforms that this machine can run, and runs it on
// each: smoke test, server, the interface of ws, a hot update on Vite. Prints a table.
//
// --only NAME: one platform, as its package is called. --debug: built faster, and not as in a
// release. --built: not built again. What a platform needs is installed; what cannot be had is left
// out, by name.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { launchChromium } from './browser.mjs'
import { buildAddon } from './platforms/addon.mjs'
import { columns } from './platforms/columns.mjs'
import { needsOf } from './platforms/elf.mjs'
import { output, Unavailable, workshop } from './platforms/registries.mjs'
import { stageRepository } from './platforms/stage.mjs'
import { runSuite, runVite, suites } from './platforms/suites.mjs'

/** Newest first; the first is the one of package.json. */
const OLDER_VITES = ['7.3.8', '6.4.6', '5.4.21']

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    debug: { type: 'boolean' },
    built: { type: 'boolean' },
  },
})
const chosen = columns.filter(({ name }) => !values.only || values.only === name)
if (chosen.length === 0) {
  console.error(`--only takes ${columns.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const versions = [manifest.devDependencies.vite, ...OLDER_VITES]
const started = performance.now()
prepareLoader()
const rows = [['platform', 'Node', 'run by', ...Object.keys(suites), 'hot update', 'time']]
const notes = []
const browser = await launchChromium(console.log)
for (const column of chosen) {
  const columnStarted = performance.now()
  console.log(`\n== ${column.name} (${column.note})`)
  const cells = await run(column)
  rows.push([column.name, ...cells, seconds(columnStarted)])
}
await browser.close()
print()

/** The generated loader is the same for all platforms, and comes from a build for this one. */
function prepareLoader() {
  if (existsSync(new URL('../lib/native/native.js', import.meta.url))) return
  const script = fileURLToPath(new URL('build.mjs', import.meta.url))
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

async function run(column) {
  const log = (name) => fileURLToPath(new URL(`${column.name}/${name}.log`, workshop))
  mkdirSync(new URL(`${column.name}/`, workshop), { recursive: true })
  let node
  let binary
  try {
    node = column.node()
    binary = buildAddon(column, { isDebug: values.debug, isBuilt: values.built })
  } catch (error) {
    if (!(error instanceof Unavailable)) return fail(column, error)
    notes.push(`${column.name} is left out: ${error.message}`)
    return ['left out', '', ...Object.keys(suites).map(() => ''), '']
  }
  if (column.glibc) checkGlibc(column, binary)
  const version = output(node.file, ['-p', 'process.version'])
  console.log(`Node ${version}, run by ${node.by}`)
  const repository = stageRepository(column, binary)
  const cells = [version, node.by]
  for (const suite of Object.keys(suites)) {
    const result = await runSuite(node.file, repository, suite, log(suite))
    const skipped = result.skipped ? `, ${result.skipped} skipped` : ''
    cells.push(`${result.passed} of ${result.passed + result.failed}${skipped}`)
    console.log(`${suite}: ${cells.at(-1)}`)
    for (const name of result.failures) fault(`${column.name}: ${suite}: ${name}`)
  }
  try {
    const seen = await runVite({ column, node: node.file, binary, versions, browser })
    for (const reason of seen.without) notes.push(`${column.name}: ${reason}`)
    cells.push(`Vite ${seen.vite}, ${seen.transport}, ${seen.milliseconds.toFixed(0)} ms`)
    const expected = column.npm.os === 'win32' ? 'bridged' : 'adopted'
    if (seen.transport !== expected) fault(`${column.name}: connections are not ${expected}`)
  } catch (error) {
    cells.push('FAILED')
    fault(`${column.name}: hot update: ${error.message}`)
  }
  console.log(`hot update: ${cells.at(-1)}`)
  return cells
}

function checkGlibc(column, binary) {
  const asked = needsOf(binary)
  console.log(`It asks for glibc ${asked}`)
  if (newer(asked, column.glibc)) {
    fault(`${column.name}: asks for glibc ${asked}, newer than ${column.glibc}`)
  }
}

function newer(version, limit) {
  const [major, minor] = version.split('.').map(Number)
  const [limitMajor, limitMinor] = limit.split('.').map(Number)
  return major > limitMajor || (major === limitMajor && minor > limitMinor)
}

function fail(column, error) {
  fault(`${column.name}: ${error.message}`)
  return ['FAILED', '', ...Object.keys(suites).map(() => ''), '']
}

function fault(line) {
  process.exitCode = 1
  notes.push(line)
  console.error(line)
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(0)} s`
}

function print() {
  const widths = rows[0].map((_, place) => Math.max(...rows.map((row) => row[place].length)))
  console.log()
  for (const row of rows) {
    const cells = row.map((cell, place) => cell.padEnd(widths[place]))
    console.log(cells.join('  ').trimEnd())
  }
  for (const note of notes) console.log(`\n${note}`)
  console.log(`\nplatforms: ${process.exitCode ? 'FAILED' : 'ok'} (${seconds(started)})`)
}
