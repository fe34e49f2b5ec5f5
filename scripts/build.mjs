// Builds the addon for this machine and puts it, with its generated loader, into lib/. For another
// one: --target TRIPLE and whatever else `napi build` takes.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const profile = process.argv.includes('--debug') ? [] : ['--release']
const args = ['napi', 'build', '--platform', '--no-const-enum', ...profile]
args.push('--output-dir', 'lib/native', '--js', 'native.js', '--dts', 'native.d.ts')
args.push(...process.argv.slice(2).filter((arg) => arg !== '--debug'))

const cargo = spawnSync('cargo', ['--version'], { encoding: 'utf8' })
if (cargo.error) {
  console.error('Rust is missing: install a stable toolchain (rustup), 1.88 or newer.')
  process.exit(1)
}
console.log(
  `Building the ${profile.length ? 'release' : 'debug'} addon with ${cargo.stdout.trim()}`,
)
const built = spawnSync('npx', ['--no-install', ...args], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
process.exit(built.status ?? 1)
