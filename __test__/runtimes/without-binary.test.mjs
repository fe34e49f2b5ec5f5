// No binary, a wrong one, and runtimes that cannot use it: a dev server must start all the same.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Child } from '../support/child.mjs'
import { makeApplication } from './application.mjs'

const PLATFORM_PACKAGE = new RegExp(`vite-native-ws-${process.platform}-${process.arch}`)
const binaries = fileURLToPath(new URL('binaries/node_modules/', import.meta.url))
const hasCompiler = isRunnable('cc')
const major = Number(process.versions.node.split('.')[0])
const PERMISSION = major < 22 ? '--experimental-permission' : '--permission'
const ALLOW_NET = major < 25 ? [] : ['--allow-net']

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

/** Causes that installing again does not help against, each with what does. */
const CAUSES = [
  {
    name: '--no-addons',
    flags: ['--no-addons'],
    program: 'load-failure.mjs',
    says: /Node runs with --no-addons .* Start Node without --no-addons, or /,
  },
  {
    name: 'the permission model without addons',
    flags: [PERMISSION, '--allow-fs-read=*', '--allow-fs-write=*', '--allow-worker', ...ALLOW_NET],
    // Nor are the addons of Vite 8.
    program: 'load-failure.mjs',
    says: /permission model allows no addons .* Add --allow-addons, or /,
  },
  {
    name: 'a file system mounted noexec',
    skip: canMount() ? false : 'nothing can be mounted here',
    damage(file, { before }) {
      const folder = dirname(file)
      const kept = `${folder}-kept`
      renameSync(folder, kept)
      mkdirSync(folder)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'noexec', 'tmpfs', folder])
      before(() => execFileSync('umount', [folder]))
      cpSync(kept, folder, { recursive: true })
    },
    says: /forbids to run code from its place .* mounted with exec, or /,
  },
  {
    name: 'a binary for another C library',
    skip: hasCompiler && process.platform === 'linux' ? false : 'there is no C compiler, or no ELF',
    damage(file) {
      const library = join(dirname(file), 'libc.musl-x86_64.so.1')
      rmSync(file)
      writeFileSync(`${file}.c`, 'int nothing;\n')
      execFileSync('cc', [
        '-shared',
        '-o',
        library,
        '-Wl,-soname,libc.musl-x86_64.so.1',
        `${file}.c`,
      ])
      execFileSync('cc', [
        '-shared',
        '-fPIC',
        '-o',
        file,
        `${file}.c`,
        '-Wl,--no-as-needed',
        library,
      ])
      rmSync(library)
    },
    says: /built for musl, and this system has glibc .* Install the packages on the system/,
  },
  {
    name: 'a tarball of npm pack',
    damage(file) {
      rmSync(file)
      const packages = {
        'node_modules/vite-native-ws': { resolved: 'file:../vite-native-ws-0.1.0.tgz' },
      }
      const lock = join(dirname(file), '../../../.package-lock.json')
      writeFileSync(lock, JSON.stringify({ packages }))
    },
    says: /comes from a tarball or a folder\. In the clone .* npm run pack makes/,
  },
  {
    name: 'a clone that has not been built',
    damage: (file) => rmSync(join(dirname(file), 'native.js')),
    says: /a clone that has not been built .* npm run build in it, or /,
  },
]

for (const { name, flags = [], says, damage, skip, program = 'without-binary.mjs' } of CAUSES) {
  test(`${name}: a sentence of its own`, { skip }, async (t) => {
    const { root, path, before } = application(t)
    const lib = path('node_modules/vite-native-ws/lib/native')
    const [binary] = readdirSync(lib).filter((file) => file.endsWith('.node'))
    damage?.(join(lib, binary), { before })
    const answer = await tell(process.execPath, [...flags, `programs/${program}`], root)
    if (program === 'without-binary.mjs') assertViteServes(answer)
    const [{ message }] = answer.errors
    assert.match(message, says)
    assert.doesNotMatch(message, /--include=optional/)
    assert.doesNotMatch(message, /\.\.|\. ,/)
  })
}

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
  const ends = [made.remove]
  t.after(() => {
    for (const end of ends) end()
  })
  return { ...made, before: (end) => ends.unshift(end) }
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

function canMount() {
  const folder = mkdtempSync(join(tmpdir(), 'noexec-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function isRunnable(command) {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
