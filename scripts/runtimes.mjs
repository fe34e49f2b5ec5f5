// Installs the test runners and the runtimes, and runs the suite in them: the table runner
// × Node version. Arguments are handed on; see __test__/runtimes/run.mjs.
import { installPackages, root, run } from './suite.mjs'

const suite = `${root}/__test__/runtimes`
const isQuick = process.argv.includes('--quick')

installPackages('runtimes', ...(isQuick ? [] : ['runtimes/binaries']))
run(process.execPath, [`${suite}/run.mjs`, ...process.argv.slice(2)], { cwd: suite })
if (process.argv.length === 2) {
  console.log('\nWithout a binary, on Bun, on Deno and in WebContainers')
  const flags = ['--test', '--test-reporter=spec', '--test-timeout=300000']
  run(process.execPath, [...flags, `${suite}/without-binary.test.mjs`], { cwd: suite })
}
