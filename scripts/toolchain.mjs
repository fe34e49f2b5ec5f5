// The Rust toolchains of this machine, and for which targets each can compile.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @typedef {object} Toolchain
 * @property {string} cargo
 * @property {string} rustc
 */

/**
 * The chosen one first (`CARGO` and `RUSTC`, or what the PATH has), then Debian's.
 *
 * @type {Toolchain[]}
 */
const toolchains = [
  { cargo: process.env.CARGO ?? 'cargo', rustc: process.env.RUSTC ?? 'rustc' },
  { cargo: '/usr/bin/cargo', rustc: '/usr/bin/rustc' },
]

/**
 * @param {string} target
 * @returns {Toolchain | undefined} the one that has the standard library for a target
 */
export function toolchainFor(target) {
  return toolchains.find((toolchain) => has(toolchain, target, 'lib'))
}

/**
 * @returns {Toolchain | undefined} the one that has the standard library's sources: rustup's
 *   component rust-src, Debian's package rust-src or rust-web-src
 */
export function toolchainWithSources() {
  return toolchains.find((toolchain) =>
    has(toolchain, 'src', 'rust', 'library', 'std', 'Cargo.toml'),
  )
}

/** @returns {boolean} whether there is any */
export function hasRust() {
  return toolchains.some((toolchain) => has(toolchain))
}

function has({ rustc }, ...path) {
  const { status, stdout } = spawnSync(rustc, ['--print', 'sysroot'], { encoding: 'utf8' })
  return status === 0 && existsSync(join(stdout.trim(), 'lib', 'rustlib', ...path))
}
