// Installs the packages that take a server of `ws`, or share one with ours, compiles what their users
// write, and runs their basic flow.
import { createRequire } from 'node:module'
import { installPackages, root, run } from './suite.mjs'

const suite = `${root}/__test__/neighbours`

installPackages('neighbours')
console.log('Compiling what users write')
run(process.execPath, [
  createRequire(import.meta.url).resolve('typescript/bin/tsc'),
  '-p',
  `${suite}/types`,
])
for (const implementation of ['ws', 'adopted', 'bridged']) {
  console.log(`\nTheir basic flow: ${implementation}`)
  const env = { ...process.env, NEIGHBOURS_IMPLEMENTATION: implementation }
  const flags = ['--test', '--test-reporter=spec', '--test-timeout=60000']
  run(process.execPath, [...flags, `${suite}/flows.test.mjs`], { env })
}
