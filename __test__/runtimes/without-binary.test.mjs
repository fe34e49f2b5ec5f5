// No binary, a wrong one, and runtimes that cannot use it: a dev server must start all the same.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Child } from '../support/child.mjs'
import { makeApplication } from './application.mjs'

const PLATFORM_PACKAGE = new RegExp(`vite-native-ws-${process.platform}-${process.arch}`)
const binaries = fileURLToPath(new URL('binaries/node_modules/', import.meta.url))
const hasCompiler = isRunnable('cc')

const DAMAGES = [
  { name: 'no binary', reason: /is not installed/, damage: rmSync },
  {
    name: 'a binary of 1 KiB',
    reason: /cut short|too short|not a valid/,
    damage: (file) => truncateSync(file, 1024),
  },
  {
    name: 'a binary cut in the middle',
    reason: /cut short|too short|not a valid/,
    damage: (file) => truncateSync(file, statSync(file).size / 2),
  },
  { name: 'an empty binary', reason: /too short|not a/, damage: (file) => truncateSync(file, 0) },
  {
    name: 'a binary of random bytes',
    reason: /invalid ELF header|not a/,
    damage: (file) => writeFileSync(file, randomBytes(100_000)),
  },
  {
    name: 'a library that is no addon',
    skip: hasCompiler ? false : 'there is no C compiler',
    reason: /did not self-register/,
    damage(file) {
      rmSync(file)
      writeFileSync(`${file}.c`, 'int nothing;\n')
      execFileSync('cc', ['-shared', '-fPIC', '-o', file, `${file}.c`])
    },
  },
]

for (const { name, reason, damage, skip } of DAMAGES) {
  test(`${name}: Vite's own server, one warning, one error`, { skip }, async (t) => {
    const { root, path } = application(t)
    const lib = path('node_modules/vite-native-ws/lib/native')
    const binaries = readdirSync(lib).filter((file) => file.endsWith('.node'))
    assert.equal(binaries.length, 1)
    damage(join(lib, binaries[0]))
    const answer = await tell(process.execPath, ['programs/without-binary.mjs'], root)
    assertViteServes(answer)
    const [{ message }] = answer.errors
    assert.match(message, PLATFORM_PACKAGE)
    assert.match(message, reason)
    assert.match(message, /npm install --include=optional/)
  })
}

test('a WebContainer (simulated by process.versions): one warning', async (t) => {
  const { root } = application(t)
  const args = ['--require', './programs/webcontainer.cjs', 'programs/without-binary.mjs']
  const answer = await tell(process.execPath, args, root)
  assertViteServes(answer)
  assert.match(answer.errors[0].message, /WebContainers load no native code/)
})

test('VITE_NATIVE_WS=off says nothing', async (t) => {
  const { root } = application(t)
  const env = { VITE_NATIVE_WS: 'off' }
  const answer = await tell(process.execPath, ['programs/without-binary.mjs'], root, env)
  assert.deepEqual(answer, { engine: 'vite', path: '/main.js', warnings: [], errors: [] })
})

// They come with `npm run runtimes`, which installs them, and are not part of the quick part.
for (const [name, args] of [
  ['bun', ['run']],
  ['deno', ['run', '--allow-all', '--node-modules-dir=manual']],
]) {
  const binary = join(binaries, '.bin', name)
  const skip = existsSync(binary) ? false : `${name} is not installed; npm run runtimes does it`
  test(`${name}: Vite's own server, one warning, one error`, { skip }, async (t) => {
    const { root } = application(t)
    const answer = await tell(binary, [...args, 'programs/without-binary.mjs'], root)
    assertViteServes(answer)
    assert.match(answer.errors[0].message, new RegExp(`${name} is not supported`, 'i'))
  })
}

function application(t) {
  const made = makeApplication({
    neighbours: ['vite', 'ws'],
    folders: ['__test__/runtimes/programs'],
  })
  t.after(made.remove)
  return made
}

async function tell(command, args, cwd, env) {
  const output = await Child.run(command, args, { cwd, env })
  return JSON.parse(output.trim().split('\n').at(-1))
}

/** The update came through Vite's own server, and the user was told once what to do. */
function assertViteServes({ engine, path, warnings, errors }) {
  assert.equal(engine, 'vite')
  assert.equal(path, '/main.js')
  const [error] = errors
  assert.deepEqual(errors, [error, error], 'the same each time')
  assert.equal(error.code, 'ERR_NATIVE_WS_NO_BINARY')
  assert.match(error.message, /^vite-native-ws: [^\n]*VITE_NATIVE_WS=off[^\n]*$/)
  assert.deepEqual(warnings, [`${error.message} Vite's own WebSocket server is used for now.`])
}

function isRunnable(command) {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
