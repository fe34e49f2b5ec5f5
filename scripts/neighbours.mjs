// Installs the packages that take a server of `ws`, or share one with ours, compiles what their users
// write, and runs their basic flow.
import { readdirSync } from 'node:fs'
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
const tests = readdirSync(suite).filter((name) => name.endsWith('.test.mjs'))
run(process.execPath, ['--test', ...tests.map((name) => `${suite}/${name}`)])
