// Publishes every package of a release from npm/ and from here, the main package last: nobody can
// install it before the binaries are there. Leaves out what is published already, so that a release
// that broke off can be run again. --dry-run publishes nothing, and skips platforms without binary.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npmCommand } from './packages/commands.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const isDryRun = process.argv.includes('--dry-run')

const platforms = readdirSync(join(root, 'npm')).map((name) => join(root, 'npm', name))
for (const folder of [...platforms, root]) publish(folder)

function publish(folder) {
  const { name, version, main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const release = `${name}@${version}`
  if (!existsSync(join(folder, main))) {
    if (!isDryRun) throw new Error(`${release} lacks ${main}`)
    return console.log(`${release}: left out, ${main} has not been built`)
  }
  if (!isDryRun && npm(folder, 'view', release, 'version').status === 0) {
    return console.log(`${release}: published already`)
  }
  const how = isDryRun ? ['--dry-run'] : ['--provenance']
  const { status, stdout, stderr } = npm(folder, 'publish', '--access', 'public', ...how)
  if (status !== 0) throw new Error(`${release}: npm publish failed:\n${stdout}${stderr}`)
  const size = /package size:\s+(.*)/.exec(stderr)?.[1] ?? 'published'
  console.log(`${release}: ${isDryRun ? `would be published, ${size}` : 'published'}`)
}

function npm(folder, ...request) {
  const [command, args] = npmCommand(...request)
  const shell = process.platform === 'win32' && command === 'npm'
  return spawnSync(command, args, { cwd: folder, encoding: 'utf8', shell })
}
