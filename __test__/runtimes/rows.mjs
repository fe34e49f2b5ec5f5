// The rows of the table: what the package must live through, in one runtime.
import assert from 'node:assert/strict'
import { Child } from '../support/child.mjs'
import { connect } from './programs/conversation.cjs'
import { CHECKS } from './programs/time.cjs'

const VITEST = 'node_modules/vitest/vitest.mjs'
const JEST = 'node_modules/jest/bin/jest.js'
/** Endings in the middle of a broadcast: each meets another moment. */
const ENDINGS = 5
const CYCLES = 500
const QUICK_CYCLES = 40
/** What Jest says when something is left. */
const LEFTOVERS = /did not exit|failed to exit gracefully|open handle|force exited/i

/**
 * @typedef {object} Place
 * @property {string} node The binary.
 * @property {number} major
 * @property {string} root The application's folder.
 * @property {boolean} isQuick
 */
/**
 * @typedef {object} Row
 * @property {string} name
 * @property {(place: Place) => Promise<string | void>} run May return a remark.
 * @property {boolean} [isQuick] Whether it belongs to the quick part.
 * @property {(place: Place) => string | undefined} [skip] Why it cannot be run there.
 */

/** A program of the suite that must end with 0 by itself. */
const program =
  (file, { flags = [], args = [], env } = {}) =>
  async ({ node, root }) => {
    await Child.run(node, [...flags, `programs/${file}`, ...args], { cwd: root, env })
  }

const needsLinux = () =>
  process.platform === 'linux' ? undefined : 'io_uring and /proc are Linux only'

const vitest = (pool) => ({
  name: `Vitest ${pool}`,
  isQuick: true,
  skip: ({ major }) => (major < 22 ? 'Vitest 5 needs Node 22' : undefined),
  async run({ node, root }) {
    const output = await Child.run(node, [`../${VITEST}`, 'run', `--pool=${pool}`], {
      cwd: `${root}/vitest`,
    })
    assert.match(output, /Tests\s+12 passed/, output)
  },
})

const jest = (name, args) => ({
  name: `Jest ${name}`,
  isQuick: true,
  async run({ node, root }) {
    const output = await Child.run(node, [`../${JEST}`, '--config', 'jest.config.json', ...args], {
      cwd: `${root}/jest`,
    })
    assert.match(output, /Tests:\s+15 passed/, output)
    assert.doesNotMatch(output, LEFTOVERS)
  },
})

/** A failed wait shows the line of the test that waits. */
const failing = (name, args, pattern) => ({
  name: `${name}, a failed wait`,
  isQuick: true,
  skip: ({ major }) => (name === 'Vitest' && major < 22 ? 'Vitest 5 needs Node 22' : undefined),
  async run({ node, root }) {
    const child = new Child(node, args, { cwd: `${root}/failing` })
    assert.equal((await child.exit).code, 1, child.output)
    assert.match(child.output, /the event "never" did not arrive/)
    assert.match(child.output, pattern, child.output)
  },
})

/** An example's own tests, as its users run them. */
const example = (name, args) => ({
  name: `example ${name}`,
  isQuick: true,
  skip: ({ major }) =>
    name.endsWith('vitest') && major < 22 ? 'Vitest 5 needs Node 22' : undefined,
  async run({ node, root }) {
    const output = await Child.run(node, args, { cwd: `${root}/${name}` })
    assert.match(output, /Tests:?\s+\d+ passed/, output)
    assert.doesNotMatch(output, LEFTOVERS)
  },
})

/** Checks of `programs/time.cjs`, each in real time and in two kinds of fake time, on both roads. */
const TIME_CHECKS = Object.keys(CHECKS).length * 3 * 2

const timeInVitest = (environment) => ({
  name: `Vitest, fake time, ${environment}`,
  isQuick: environment === 'node',
  skip: ({ major }) => (major < 22 ? 'Vitest 5 needs Node 22' : undefined),
  async run({ node, root }) {
    const args = [`../${VITEST}`, 'run', `--environment=${environment}`]
    const output = await Child.run(node, args, { cwd: `${root}/vitest-time` })
    assert.match(output, new RegExp(`Tests\\s+${TIME_CHECKS} passed`), output)
  },
})

const timeInJest = (environment) => ({
  name: `Jest, fake time, ${environment}`,
  isQuick: environment !== '@happy-dom/jest-environment',
  async run({ node, root }) {
    const args = [`../${JEST}`, '--config', 'jest.config.json', '--env', environment]
    const output = await Child.run(node, args, { cwd: `${root}/jest-time` })
    assert.match(output, new RegExp(`Tests:\\s+${TIME_CHECKS} passed`), output)
    assert.doesNotMatch(output, LEFTOVERS)
  },
})

/** @type {Row[]} */
export const ROWS = [
  { name: 'ES module', isQuick: true, run: program('es-module.mjs') },
  { name: 'CommonJS', isQuick: true, run: program('common-js.cjs') },
  jest('workers', ['--maxWorkers=2']),
  jest('worker threads', ['--maxWorkers=2', '--workerThreads']),
  jest('--detectOpenHandles', ['--detectOpenHandles']),
  vitest('threads'),
  vitest('forks'),
  vitest('vmThreads'),
  {
    ...vitest('inline'),
    name: 'Vitest, the package inlined and evaluated again',
    async run({ node, root }) {
      const output = await Child.run(node, [`../${VITEST}`, 'run'], {
        cwd: `${root}/vitest-inline`,
      })
      assert.match(output, /Tests\s+3 passed/, output)
    },
  },
  failing('Vitest', [`../${VITEST}`, 'run'], /vitest\.spec\.mjs:7:16\b/),
  failing('Jest', [`../${JEST}`, '--config', 'jest.config.json'], /> 6 \|.*client\.next\('never'/),
  ...['node', 'jsdom', 'happy-dom'].map(timeInVitest),
  ...['node', 'jsdom', '@happy-dom/jest-environment'].map(timeInJest),
  { name: 'fake time of sinon and node:test', isQuick: true, run: program('sinon.cjs') },
  { name: 'Vite 8 dev server', isQuick: true, run: program('vite.mjs') },
  {
    name: 'worker threads terminated',
    isQuick: true,
    async run({ node, root, isQuick }) {
      const cycles = isQuick ? QUICK_CYCLES : CYCLES
      const args = ['--expose-gc', 'programs/workers.mjs', String(cycles)]
      return (await Child.run(node, args, { cwd: root })).trim()
    },
  },
  { name: '200 servers in a process', isQuick: true, run: program('many-servers.mjs') },
  { name: 'exit when closed, not before', isQuick: true, run: exitWhenClosed },
  { name: 'process.exit() in a broadcast', isQuick: true, run: exitInBroadcast },
  { name: 'SIGINT in a broadcast', isQuick: true, run: (place) => signalInBroadcast(place) },
  {
    name: 'io_uring, ES module',
    skip: needsLinux,
    run: program('es-module.mjs', { env: { UV_USE_IO_URING: '1' } }),
  },
  {
    name: 'io_uring, 200 servers',
    skip: needsLinux,
    run: program('many-servers.mjs', { env: { UV_USE_IO_URING: '1' } }),
  },
  example('plugin-test-vitest', [`../${VITEST}`, 'run']),
  example('plugin-test-jest', [`../${JEST}`]),
]

/** A client keeps the process; the server, once closed, does not. */
async function exitWhenClosed({ node, root }) {
  const child = new Child(node, ['programs/lingering.mjs'], { cwd: root })
  const [, port] = await child.said(/^(\d+)\n/)
  const client = await connect(Number(port))
  // An idle process ends at once, so each answer shows one that stays.
  for (let number = 0; number < 20; number++) {
    client.send('question', number)
    assert.equal((await client.next()).data, number)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.equal(child.isAlive, true, 'it stays while a client is connected')
  client.send('end')
  await client.closed
  assert.equal((await child.exit).code, 0, await child.describe())
}

async function exitInBroadcast({ node, root }) {
  for (let count = 0; count < ENDINGS; count++) {
    const child = new Child(node, ['programs/broadcasting.mjs', 'exit'], { cwd: root })
    assert.equal((await child.exit).code, 7, await child.describe())
  }
}

async function signalInBroadcast({ node, root }) {
  for (let count = 0; count < ENDINGS; count++) {
    const child = new Child(node, ['programs/broadcasting.mjs'], { cwd: root })
    await child.said(/broadcasting/)
    child.kill('SIGINT')
    assert.equal((await child.exit).signal, 'SIGINT', await child.describe())
  }
}
