// What every platform has to show, and how it is asked to.
import { spawn } from 'node:child_process'
import { createWriteStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { seeUpdate } from '../packages/update.mjs'
import { stageApp } from './stage.mjs'

/** Emulated, a file of tests takes minutes. */
const FILE_DEADLINE_MS = 600_000

/** The suites of tests, by the name of their column in the table. */
export const suites = {
  smoke: ['__test__/packages/smoke.test.mjs'],
  server: '__test__/server',
  ws: ['__test__/ws/ws.test.mjs'],
}

/**
 * @param {string} repository
 * @param {string} suite
 * @returns {string[]} its files
 */
export function suiteFiles(repository, suite) {
  const chosen = suites[suite]
  if (Array.isArray(chosen)) return chosen
  const names = readdirSync(join(repository, chosen)).filter((name) => name.endsWith('.test.mjs'))
  return names.sort().map((name) => `${chosen}/${name}`)
}

/**
 * @typedef {object} Result
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} failures the names of the tests that failed
 */

/**
 * @param {string} node
 * @param {string} repository
 * @param {string} suite
 * @param {string} log where all that it prints goes
 * @returns {Promise<Result>}
 */
export async function runSuite(node, repository, suite, log) {
  const files = suiteFiles(repository, suite)
  const args = ['--test', '--test-concurrency=1', '--test-reporter=tap']
  args.push(`--test-timeout=${FILE_DEADLINE_MS}`, ...files)
  const child = spawn(node, args, { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] })
  const file = createWriteStream(log)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk
      file.write(chunk)
    })
  }
  await new Promise((resolve) => child.once('close', resolve))
  file.end()
  const count = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
  const failures = [...text.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, name]) => name)
  const result = { passed: count('pass'), failed: count('fail'), skipped: count('skipped') }
  if (result.passed + result.failed > 0) return { ...result, failures }
  return { ...result, failed: 1, failures: [`no test ran: ${text.trim().split('\n').at(-1)}`] }
}

/**
 * A hot update on the newest of some versions of Vite that runs on the platform by itself.
 *
 * @param {object} wanted
 * @param {import('./columns.mjs').Column} wanted.column
 * @param {string} wanted.node
 * @param {string} wanted.binary
 * @param {string[]} wanted.versions newest first
 * @param {import('playwright-core').Browser} wanted.browser
 * @returns {Promise<{ vite: string, transport: string, milliseconds: number, without: string[] }>}
 *   `without` tells which versions do not run there, and why
 */
export async function runVite({ column, node, binary, versions, browser }) {
  const without = []
  for (const vite of versions) {
    const { app, config } = stageApp(column, binary, vite)
    const see = (env) =>
      seeUpdate({
        browser,
        app,
        config,
        vite: [node, [join(app, 'node_modules', 'vite', 'bin', 'vite.js')]],
        env: { ...process.env, NO_COLOR: '1', ...env },
        binary: env.VITE_NATIVE_WS ? undefined : `vite-native-ws.${column.name}.node`,
      })
    try {
      await see({ VITE_NATIVE_WS: 'off' })
    } catch (error) {
      without.push(`Vite ${vite} does not run by itself: ${error.message.slice(0, 600)}`)
      continue
    }
    return { vite, without, ...(await see({})) }
  }
  throw new Error(`no version of Vite runs by itself:\n${without.join('\n')}`)
}
