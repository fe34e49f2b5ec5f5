// Tarballs as npm would publish them: of the main package, and of this machine's platform.
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { npmCommand } from './commands.mjs'

/**
 * @typedef {object} Tarball
 * @property {string} name
 * @property {string} path
 * @property {string} integrity
 * @property {Record<string, any>} manifest
 * @property {number} packedBytes
 * @property {number} unpackedBytes
 * @property {string[]} files
 */

/**
 * What a download may weigh: a bound that something large by mistake does not pass. The addon's code
 * hardly shrinks when packed twice, JavaScript does. Of the main package a quarter is comments, which
 * stay for those who step into it in a debugger, and a sixth the pages of the inspector and of the
 * connection check, which nothing reads until somebody opens them: apart, they would need a package
 * of their own, a version to agree with, and a message for those who lack it.
 */
const MAIN_PACKED_LIMIT = 180_000
const PLATFORM_UNPACKED_LIMIT = 1_500_000

/**
 * @param {string} root of the repository
 * @param {string} folder where the tarballs go
 * @returns {Tarball}
 */
export function packMain(root, folder) {
  return pack(root, folder)
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {string} platform such as `linux-x64-gnu`
 * @param {object} [other]
 * @param {string} [other.binary] if it is not the one in lib/
 * @param {string} [other.stage] where the package is put together, if not where its tarball goes
 * @returns {Tarball}
 */
export function packPlatform(root, folder, platform, other = {}) {
  const manifest = readManifest(join(root, 'npm', platform))
  const binary = other.binary ?? join(root, 'lib/native', manifest.main)
  if (!existsSync(binary))
    throw new Error(`lib/native/${manifest.main} is missing: run npm run build`)
  const stage = join(other.stage ?? folder, platform)
  mkdirSync(stage, { recursive: true })
  cpSync(join(root, 'npm', platform), stage, { recursive: true })
  copyFileSync(binary, join(stage, manifest.main))
  return pack(stage, folder)
}

/**
 * @param {Tarball} main
 * @param {Tarball} platform
 * @returns {string[]} what is wrong with them
 */
export function faults(main, platform) {
  const found = []
  if (main.packedBytes >= MAIN_PACKED_LIMIT) {
    found.push(`${main.name} is ${kB(main.packedBytes)}, of ${kB(MAIN_PACKED_LIMIT)}`)
  }
  if (platform.unpackedBytes >= PLATFORM_UNPACKED_LIMIT) {
    found.push(
      `${platform.name} is ${kB(platform.unpackedBytes)}, of ${kB(PLATFORM_UNPACKED_LIMIT)}`,
    )
  }
  const strays = main.files.filter((file) => file.endsWith('.node'))
  if (strays.length > 0) found.push(`${main.name} holds ${strays.join(', ')}`)
  for (const file of ['lib/native/native.js', ...Object.values(exported(main.manifest))]) {
    if (!main.files.includes(file)) found.push(`${main.name} lacks ${file}`)
  }
  const { main: binary } = platform.manifest
  if (!platform.files.includes(binary)) found.push(`${platform.name} lacks ${binary}`)
  return found
}

/** @param {number} bytes */
export function kB(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`
}

/** Every file that `exports` names. */
function exported({ exports }) {
  const files = []
  const visit = (value) => {
    if (typeof value === 'string') files.push(value.replace(/^\.\//, ''))
    else Object.values(value).forEach(visit)
  }
  visit(exports)
  return files
}

function pack(packageFolder, folder) {
  const [command, args] = npmCommand('pack', '--json', '--pack-destination', folder)
  const output = execFileSync(command, args, {
    cwd: packageFolder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  // A list in npm 10 and 11, an object by name in later ones.
  const [report] = Object.values(JSON.parse(output))
  return {
    name: report.name,
    path: join(folder, report.filename),
    integrity: report.integrity,
    manifest: readManifest(packageFolder),
    packedBytes: report.size,
    unpackedBytes: report.unpackedSize,
    files: report.files.map((file) => file.path),
  }
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
