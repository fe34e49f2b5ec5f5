// Installs, builds, finds a browser and runs the tests, saying what it does.
//
//   npm test               the tests of a change: at most ten minutes
//   npm run test:all       with the suites that take their time, as in CI
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values: given } = parseArgs({ options: { all: { type: 'boolean', default: false } } })

/** Runs one step with its output shown; ends everything if it fails. */
function run(name, command, args, env = {}) {
  console.log(`\n== ${name}`)
  const started = Date.now()
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    console.error(`== ${name}: failed${error ? ` (${error.message})` : ''}`)
    process.exit(status || 1)
  }
  console.log(`== ${name}: ok (${((Date.now() - started) / 1000).toFixed(1)} s)`)
}

/** Not ours, or with a command of its own: see `__test__/README.md`. */
const LEFT_OUT = /node_modules|__test__[\\/](devtools|neighbours|networks|twins[\\/]scenarios)/
/** Suites in which time has to pass. */
const SLOW = /__test__[\\/](connection-life|hostile|runtimes)[\\/]/

function testFiles(folder) {
  const isTest = (name) => name.endsWith('.test.mjs') && !LEFT_OUT.test(name)
  const entries = readdirSync(`${root}/${folder}`, { recursive: true })
  return entries
    .map((name) => `${folder}/${name}`)
    .filter(isTest)
    .sort()
}

/** Test files, one after the other: many of them measure time. */
function runFiles(name, files) {
  const isTerminal = process.stdout.isTTY
  const report = isTerminal ? [] : ['--test-reporter=./scripts/test-report.mjs']
  const limits = ['--test-concurrency=1', '--test-timeout=300000']
  run(name, process.execPath, ['--test', ...limits, ...report, ...files])
}

const node = process.execPath
const files = testFiles('__test__')
run('Install packages', 'npm', ['install', '--no-save', '--no-audit', '--no-fund'])
run('Build the addon', node, ['scripts/build.mjs'])
run('Find a browser', node, ['scripts/browser.mjs'])
run('Rust tests', 'cargo', ['test', '--no-default-features', '--quiet'])
runFiles(
  'JavaScript and browser tests',
  files.filter((file) => !SLOW.test(file)),
)
run('Parity with Vite 5, 6, 7 and 8 (quick)', node, ['scripts/parity.mjs', '--quick'])
if (given.all) {
  runFiles(
    'Tests that take their time',
    files.filter((file) => SLOW.test(file)),
  )
  run('Test runners and runtimes (quick)', node, ['scripts/runtimes.mjs', '--quick'])
}
