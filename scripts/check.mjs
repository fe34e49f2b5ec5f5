// Formats, lints and type-checks everything; with --fix it also mends what it can.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const MACHETE = '0.9.2'
const isFix = process.argv.includes('--fix')

const load = (task) => [task, '--manifest-path', 'bench/load/Cargo.toml']

/** cargo-machete is built once, into the target folder. */
const tools = join(root, 'target/tools')
const machete = join(
  tools,
  'bin',
  process.platform === 'win32' ? 'cargo-machete.exe' : 'cargo-machete',
)
const installed = existsSync(machete)
  ? []
  : [
      [
        'Install cargo-machete',
        'cargo',
        ['install', '--locked', '--quiet', '--root', tools, '--version', MACHETE, 'cargo-machete'],
      ],
    ]

const steps = [
  ...installed,
  ['Rust format', 'cargo', ['fmt', ...(isFix ? [] : ['--check'])]],
  ['Rust lints', 'cargo', ['clippy', '--all-targets', '--', '-D', 'warnings']],
  [
    'Rust lints without Node',
    'cargo',
    ['clippy', '--no-default-features', '--all-targets', '--', '-D', 'warnings'],
  ],
  [
    'Walls between the rooms of src/',
    'cargo',
    ['test', '--no-default-features', '--quiet', '--test', 'layers'],
  ],
  ['Rust documentation', 'cargo', ['doc', '--no-deps', '--no-default-features', '--quiet']],
  ['Rust format of the load client', 'cargo', [...load('fmt'), ...(isFix ? [] : ['--check'])]],
  ['Rust lints of the load client', 'cargo', [...load('clippy'), '--', '-D', 'warnings']],
  [
    'JavaScript format and lints',
    'npx',
    ['--no-install', 'biome', 'check', '--error-on-warnings', ...(isFix ? ['--write'] : [])],
  ],
  ['Walls between the rooms of lib/', 'npx', ['--no-install', 'depcruise', 'lib']],
  ['Unused files, exports and packages', 'npx', ['--no-install', 'knip']],
  ['Unused crates', machete, ['--skip-target-dir', root]],
  ['Package as npm takes it', 'npx', ['--no-install', 'publint', '--strict']],
  ['Types as users resolve them', 'npx', ['--no-install', 'attw', '--pack', '.', '--quiet']],
  ['Documents beside the code', process.execPath, ['--test', '__test__/server/documents.test.mjs']],
  ['Versions of the packages', process.execPath, ['scripts/versions.mjs']],
  ['Workflows and crates', process.execPath, ['scripts/linters.mjs']],
  ['Types', 'npx', ['--no-install', 'tsc', '-p', '.']],
  ['Types of the inspector', 'npx', ['--no-install', 'tsc', '-p', 'lib/inspector/page']],
  ['Types of the connection check', 'npx', ['--no-install', 'tsc', '-p', 'lib/check/page']],
]

if (!existsSync(`${root}/lib/native/native.d.ts`)) {
  console.error('The addon has not been built: run npm run build first.')
  process.exit(1)
}
for (const [name, command, args] of steps) {
  const started = Date.now()
  const env = { ...process.env, RUSTDOCFLAGS: '-D warnings' }
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env })
  if (status !== 0) {
    console.error(`${name}: failed (${command} ${args.join(' ')})`)
    process.exit(status ?? 1)
  }
  console.log(`${name}: ok (${((Date.now() - started) / 1000).toFixed(1)} s)`)
}
