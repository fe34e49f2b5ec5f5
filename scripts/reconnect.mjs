// The whole of __test__/reconnect: Chromium with every major of Vite, and ten times the random cuts
// of `npm test`. Arguments are handed on to node --test.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = '__test__/reconnect'

function run(command, args, options) {
  const shell = process.platform === 'win32' && command === 'npm'
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell, ...options })
  if (status !== 0) process.exit(status || 1)
}

console.log('Installing the majors of Vite (__test__/parity)')
run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
  cwd: `${root}/__test__/parity`,
})
const tests = readdirSync(`${root}/${folder}`).filter((name) => name.endsWith('.test.mjs'))
run(
  process.execPath,
  [
    '--test',
    '--test-concurrency=1',
    ...process.argv.slice(2),
    ...tests.map((name) => `${folder}/${name}`),
  ],
  { cwd: root, env: { RECONNECT_MAJORS: '5,6,7,8', RECONNECT_CASES: '10000', ...process.env } },
)
