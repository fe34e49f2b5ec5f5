// Installs the majors of Vite that the parity suite compares with, and runs it: the same scenarios
// against Vite's own server and ours. Arguments are handed on; see __test__/parity/run.mjs.
import { installPackages, root, run } from './suite.mjs'

const suite = `${root}/__test__/parity`
const isQuick = process.argv.includes('--quick')

installPackages('parity', ...(isQuick ? [] : ['parity/frameworks']))
console.log("Checking the types against every major's own")
run(process.execPath, [`${suite}/types/check.mjs`])
run(process.execPath, [`${suite}/run.mjs`, ...process.argv.slice(2)], { cwd: suite })
