// npm run cross:check: type-checks the addon, warnings denied, for every target that the toolchain
// here has a standard library for, or the sources of one. Says what it had to leave out.
//
// CARGO and RUSTC choose another toolchain. Arguments are the targets to check (default: all).
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hasRust, toolchainFor, toolchainWithSources } from './toolchain.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { napi } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const chosen = process.argv.slice(2)
const unknown = chosen.filter((target) => !napi.targets.includes(target))
if (unknown.length > 0) {
  console.error(`${unknown} is none of our targets, which are ${napi.targets.join(', ')}`)
  process.exit(1)
}

if (!hasRust()) {
  console.error('Rust is missing: neither the PATH nor RUSTC has a compiler')
  process.exit(1)
}
let failures = 0
for (const target of chosen.length > 0 ? chosen : napi.targets) {
  const own = toolchainFor(target)
  const other = toolchainWithSources()
  if (own) check(target, own, 'its standard library')
  else if (other) check(target, other, 'a standard library made from its sources', '-Zbuild-std')
  else console.log(`${target}: left out, needs rustup target add ${target}, or rust-src`)
}
process.exitCode = failures > 0 ? 1 : 0

function check(target, { cargo, rustc }, how, ...options) {
  const started = Date.now()
  const args = ['check', '--lib', '--locked', '--quiet', '--target', target, ...options]
  const { status } = spawnSync(cargo, [...args, '--target-dir', join('target', 'cross')], {
    cwd: root,
    stdio: 'inherit',
    // -Zbuild-std is not for stable toolchains otherwise; nothing of this is shipped.
    env: {
      ...process.env,
      RUSTC: rustc,
      RUSTFLAGS: '-Dwarnings',
      ...(options.length && { RUSTC_BOOTSTRAP: '1' }),
    },
  })
  if (status !== 0) failures += 1
  const seconds = ((Date.now() - started) / 1000).toFixed(0)
  console.log(`${target}: ${status === 0 ? 'ok' : 'FAILED'}, with ${how} (${seconds} s)`)
}
