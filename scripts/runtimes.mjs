// Installs the test runners and the runtimes, and runs the suite in them: the table runner
// × Node version. Arguments are handed on; see __test__/runtimes/run.mjs.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const suite = fileURLToPath(new URL('../__test__/runtimes', import.meta.url))
const isQuick = process.argv.includes('--quick')

function run(command, args, cwd) {
  const shell = process.platform === 'win32'
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', shell })
  if (status !== 0) process.exit(status || 1)
}

for (const folder of isQuick ? [suite] : [suite, `${suite}/binaries`]) {
  console.log(`Installing the packages of ${folder.slice(folder.indexOf('__test__'))}`)
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], folder)
}
run(process.execPath, [`${suite}/run.mjs`, ...process.argv.slice(2)], suite)
if (process.argv.length === 2) {
  console.log('\nWithout a binary, on Bun, on Deno and in WebContainers')
  const flags = ['--test', '--test-reporter=spec', '--test-timeout=300000']
  run(process.execPath, [...flags, `${suite}/without-binary.test.mjs`], suite)
}
