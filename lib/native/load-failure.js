'use strict'

const { existsSync, readFileSync } = require('node:fs')
const { join, resolve } = require('node:path')
const { platformPackage } = require('./elf-check.js')

/** The package's own folder. */
const PACKAGE = resolve(__dirname, '../..')

const INSTALL_AGAIN =
  'Install again with optional dependencies enabled (npm install --include=optional; remove ' +
  'node_modules and the lock file if npm left them out)'
const INSTALL_HERE =
  'Install the packages on the system that runs them (in the container, not beside it): remove ' +
  'node_modules, and npm install'

/**
 * Causes by what Node or the system's loader says, each with its remedy. The first that fits counts.
 *
 * @type {{ says: RegExp, cause?: () => string, remedy: () => string }[]}
 */
const CAUSES = [
  {
    says: /loading addons is disabled|Cannot load native addon/,
    cause: () =>
      isRestricted() ? "Node's permission model allows no addons" : 'Node runs with --no-addons',
    remedy: () => (isRestricted() ? 'Add --allow-addons' : 'Start Node without --no-addons'),
  },
  {
    says: /Access to this API has been restricted/,
    cause: () => "Node's permission model forbids to read it",
    remedy: () => 'Add --allow-fs-read for node_modules, and --allow-addons',
  },
  {
    says: /failed to map segment|Operation not permitted|Permission denied/,
    cause: () => 'the system forbids to run code from its place (a file system mounted noexec?)',
    remedy: () => 'Keep node_modules on a file system that is mounted with exec',
  },
  {
    says: /ld-linux|libc\.so\.6|Error relocating/,
    cause: () => 'it is built for glibc, and this system has musl, as Alpine has',
    remedy: () => INSTALL_HERE,
  },
  {
    says: /libc\.musl|ld-musl/,
    cause: () => 'it is built for musl, and this system has glibc',
    remedy: () => INSTALL_HERE,
  },
  {
    says: /GLIBC_[\d.]+' not found/,
    cause: () => "this system's glibc is older than the 2.17 that it needs",
    remedy: () => 'Use a newer system',
  },
  {
    says: /incompatible architecture|wrong ELF class|not a valid Win32 application/,
    cause: () => 'it is built for another processor, or broken',
    remedy: () => INSTALL_HERE,
  },
  {
    says: /Cannot find module '\.\/native\.js'/,
    cause: () => 'this is a clone that has not been built',
    remedy: () => 'Run npm install and npm run build in it',
  },
]

/**
 * Why the binary could not be loaded, and what to do, in two sentences without their full stops.
 *
 * @param {string[]} reasons What was said, by whatever was tried.
 * @returns {{ reason: string, remedy: string }}
 */
function explainFailure(reasons) {
  for (const { says, cause, remedy } of CAUSES) {
    const said = reasons.find((reason) => says.test(reason))
    if (said === undefined) continue
    const text = said.replace(/\.$/, '')
    return { reason: cause ? `${cause()} (${text})` : text, remedy: remedy() }
  }
  const other = reasons.find((reason) => !isMissing(reason))
  if (other !== undefined) return { reason: other.replace(/\.$/, ''), remedy: INSTALL_AGAIN }
  const reason = `${platformPackage()} is not installed`
  if (!isFromTarball()) return { reason, remedy: INSTALL_AGAIN }
  return {
    reason: `${reason}, and this package comes from a tarball or a folder`,
    remedy:
      'In the clone that it was made from, npm run pack makes the tarball of the binary too, which ' +
      'npm pack does not, and prints the line that installs both',
  }
}

/** @param {string} reason */
function isMissing(reason) {
  return /^Cannot find (module|native binding)/.test(reason)
}

/** Whether Node's permission model is on. */
function isRestricted() {
  return 'permission' in process && Boolean(/** @type {any} */ (process).permission)
}

/** Whether this package was installed from a file, by what npm, or pnpm in its paths, has noted. */
function isFromTarball() {
  if (/vite-native-ws@file[+%]/.test(PACKAGE)) return true
  try {
    const lock = join(PACKAGE, '../.package-lock.json')
    if (!existsSync(lock)) return false
    const { packages } = JSON.parse(readFileSync(lock, 'utf8'))
    return /^file:/.test(packages['node_modules/vite-native-ws']?.resolved)
  } catch {
    return false
  }
}

module.exports = { explainFailure }
