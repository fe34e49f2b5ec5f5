// npm run test:platform: what every platform has to show, on this one: the smoke test, the server's
// tests and the interface of ws. Needs the binary in lib/, and nothing else that is built.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suiteFiles, suites } from './platforms/suites.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = Object.keys(suites).flatMap((suite) => suiteFiles(root, suite))
const args = ['--test', '--test-concurrency=1', '--test-timeout=300000', ...files]
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
process.exitCode = status ?? 1
