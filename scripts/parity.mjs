// Installs the majors of Vite that the parity suite compares with, and runs it: the same scenarios
// against Vite's own server and ours. Arguments are handed on; see __test__/parity/run.mjs.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const suite = fileURLToPath(new URL('../__test__/parity', import.meta.url))
const isQuick = process.argv.includes('--quick')

function run(command, args, cwd) {
  const shell = process.platform === 'win32'
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', shell })
  if (status !== 0) process.exit(status || 1)
}

for (const folder of isQuick ? [suite] : [suite, `${suite}/frameworks`]) {
  console.log(`Installing the packages of ${folder.slice(folder.indexOf('__test__'))}`)
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], folder)
}
console.log("Checking the types against every major's own")
run('npx', ['--no-install', 'tsc', '-p', `${suite}/types`], suite)
run(process.execPath, [`${suite}/run.mjs`, ...process.argv.slice(2)], suite)
