// The addon for another platform, with zig as the linker.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toolchainFor, toolchainWithSources } from '../toolchain.mjs'
import { debian, output, python, Unavailable, workshop } from './registries.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ZIG = 'ziglang==0.17.1'
const ZIGBUILD = 'cargo-zigbuild==0.24.1'

/** Where there is rustup and no network that it reaches, it would try for longer. */
const RUSTUP_MS = 300_000

/** zig, which is a C compiler and a linker for every platform. */
export function zig() {
  return join(python(ZIG), 'ziglang', 'zig')
}

/**
 * @param {object} wanted
 * @param {string} wanted.target Rust's name
 * @param {string} [wanted.glibc] the oldest version to run on
 * @param {string} wanted.file what cargo calls the library
 * @param {{ isDebug?: boolean, isBuilt?: boolean }} [how] faster, and as in no release; not at all,
 *   since an earlier run has built it
 * @returns {string} the built file
 */
export function buildAddon({ target, glibc, file }, { isDebug = false, isBuilt = false } = {}) {
  const folder = fileURLToPath(new URL(`cargo/${target}`, workshop))
  const built = join(folder, target, isDebug ? 'debug' : 'release', file)
  if (isBuilt) return built
  const args = ['zigbuild', '--lib', '--locked', '--target-dir', folder]
  if (!isDebug) args.push('--release')
  args.push('--target', glibc ? `${target}.${glibc}` : target)
  const env = {
    ...process.env,
    ...linkedAgainstNode(target),
    CARGO_ZIGBUILD_ZIG_PATH: zig(),
    PATH: `${join(python(ZIGBUILD), 'bin')}:${process.env.PATH}`,
  }
  if (target.endsWith('-musl')) env.RUSTFLAGS = '-C target-feature=-crt-static'
  let { cargo, rustc } = toolchainFor(target) ?? addTarget(target) ?? {}
  if (!rustc) {
    const found = toolchainWithSources() ?? installToolchain()
    cargo = found.cargo
    rustc = found.rustc
    args.push('-Zbuild-std')
    // -Zbuild-std is not for stable toolchains otherwise; nothing of this is shipped.
    env.RUSTC_BOOTSTRAP = '1'
  }
  env.RUSTC = rustc
  console.log(`Building for ${target} with ${output(rustc, ['--version'])}`)
  const { status } = spawnSync(cargo, args, { cwd: root, env, stdio: 'inherit' })
  if (status !== 0) throw new Error(`the build for ${target} failed`)
  return built
}

/** rustup's standard library for a target, which spares the building of one. */
function addTarget(target) {
  if (spawnSync('rustup', ['target', 'add', target], { timeout: RUSTUP_MS }).status !== 0) return
  return toolchainFor(target)
}

function installToolchain() {
  debian('cargo-web', 'rustc-web', 'rust-web-src')
  const found = toolchainWithSources()
  if (!found) throw new Unavailable('a Rust toolchain with the sources of the standard library')
  return found
}

/**
 * For windows-gnu napi-rs's build script wants Node as a library, and cargo-zigbuild one of gcc's
 * that zig does not have. The addon asks for Node's functions when it is loaded, so empty ones do.
 */
function linkedAgainstNode(target) {
  if (!target.endsWith('-windows-gnu')) return {}
  const folder = fileURLToPath(new URL('libnode', workshop))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'libnode.dll'), '')
  for (const name of ['node', 'ssp_nonshared']) {
    writeFileSync(join(folder, `lib${name}.a`), '!<arch>\n')
  }
  return { LIBNODE_PATH: folder }
}
