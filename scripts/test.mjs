// Installs, builds, finds a browser and runs every test, saying what it does.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

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
const LEFT_OUT = /node_modules|__test__[\\/]twins/

function testFiles(folder) {
  const entries = readdirSync(`${root}/${folder}`, { recursive: true })
  return entries
    .filter((name) => name.endsWith('.test.mjs') && !LEFT_OUT.test(`${folder}/${name}`))
    .map((name) => `${folder}/${name}`)
    .sort()
}

const node = process.execPath
run('Install packages', 'npm', ['install', '--no-save', '--no-audit', '--no-fund'])
run('Build the addon', node, ['scripts/build.mjs'])
run('Find a browser', node, ['scripts/browser.mjs'])
run('Rust tests', 'cargo', ['test', '--no-default-features', '--quiet'])
run('JavaScript and browser tests', node, [
  '--test',
  '--test-concurrency=1',
  '--test-timeout=300000',
  ...testFiles('__test__'),
])
run('Test runners and runtimes (quick)', node, ['scripts/runtimes.mjs', '--quick'])
// The whole of it takes minutes more.
const isWhole = process.env.PARITY === 'full'
run(`Parity with Vite 5, 6, 7 and 8 (${isWhole ? 'whole' : 'quick'})`, node, [
  'scripts/parity.mjs',
  ...(isWhole ? [] : ['--quick']),
])
