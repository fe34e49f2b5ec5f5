// Checks that the versions, names, platforms and files of all packages of a release agree.
// --fix makes them follow package.json; --tag NAME checks the tag of a release too.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parseTriple } from '@napi-rs/cli'
import {
  disagreements,
  lockEntry,
  optionalDependencies,
  platformManifest,
} from './packages/agreement.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const cargoFiles = ['Cargo.toml', 'Cargo.lock', 'fuzz/Cargo.lock']

const { values } = parseArgs({ options: { fix: { type: 'boolean' }, tag: { type: 'string' } } })
if (values.fix) fix()
const found = disagreements(read())
if (found.length > 0) {
  console.error(`The packages of this release do not agree:\n  ${found.join('\n  ')}`)
  console.error('package.json is what the others follow: mend it, or run npm run versions -- --fix')
  process.exitCode = 1
}

function read() {
  const manifest = json('package.json')
  const loader = join(root, 'lib/native/native.js')
  const folders = existsSync(join(root, 'npm')) ? readdirSync(join(root, 'npm')) : []
  const described = folders.filter((name) => existsSync(join(root, 'npm', name, 'package.json')))
  return {
    manifest,
    targets: manifest.napi.targets.map((triple) => parseTriple(triple)),
    platforms: Object.fromEntries(
      described.map((name) => [name, json(join('npm', name, 'package.json'))]),
    ),
    lock: json('package-lock.json'),
    crates: Object.fromEntries(
      cargoFiles.map((file) => [file, crateVersion(manifest.name).exec(text(file))?.[2]]),
    ),
    loader: existsSync(loader) ? readFileSync(loader, 'utf8') : undefined,
    tag: values.tag,
  }
}

function fix() {
  const release = read()
  const { manifest, targets, lock } = release
  const { version } = manifest
  for (const file of cargoFiles) {
    write(file, text(file).replace(crateVersion(manifest.name), `$1${version}"`))
  }
  manifest.optionalDependencies = optionalDependencies(release)
  write('package.json', serialize(manifest))

  lock.version = version
  lock.packages[''].version = version
  lock.packages[''].optionalDependencies = manifest.optionalDependencies
  for (const target of targets) {
    const platform = platformManifest(manifest, target)
    const path = `node_modules/${platform.name}`
    const isSame = lock.packages[path]?.version === version
    lock.packages[path] = { ...(isSame && lock.packages[path]), ...lockEntry(platform) }
  }
  lock.packages = sorted(lock.packages)
  write('package-lock.json', serialize(lock))

  const shell = process.platform === 'win32'
  const args = ['--no-install', 'napi', 'create-npm-dirs']
  const { status } = spawnSync('npx', args, { cwd: root, stdio: 'inherit', shell })
  if (status !== 0) process.exit(status || 1)
}

/** The version of the crate in Cargo.toml's `[package]` or in a lock file. */
function crateVersion(name) {
  return new RegExp(`^(name = "${name}"\\nversion = ")([^"]+)"`, 'm')
}

function json(file) {
  return JSON.parse(text(file))
}

function text(file) {
  return readFileSync(join(root, file), 'utf8')
}

function write(file, content) {
  writeFileSync(join(root, file), content)
}

/** In npm's order. */
function sorted(packages) {
  const entries = Object.entries(packages)
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b, 'en')))
}

function serialize(value) {
  return `${JSON.stringify(value, null, 2)}\n`
}
