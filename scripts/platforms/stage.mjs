// What a column runs: this repository with the packages of that platform, and a fresh Vite app into
// which the tarballs of ours were installed.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configs, writeApp } from '../packages/app.mjs'
import { npmCommand } from '../packages/commands.mjs'
import { packMain, packPlatform } from '../packages/tarballs.mjs'
import { output, workshop } from './registries.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Made by `npm run build`, the same for every platform. */
const LOADER = ['lib/native/native.js', 'lib/native/native.d.ts']

/** @param {import('./columns.mjs').Column} column */
function binaryName({ name }) {
  return `vite-native-ws.${name}.node`
}

/**
 * A copy of what git knows here, with the binary and with npm's packages for the platform.
 *
 * @param {import('./columns.mjs').Column} column
 * @param {string} binary
 * @returns {string} its folder
 */
export function stageRepository(column, binary) {
  const folder = fileURLToPath(new URL(`${column.name}/repository`, workshop))
  for (const part of ['lib', '__test__', 'docs']) {
    rmSync(join(folder, part), { recursive: true, force: true })
  }
  const listed = output('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 2 ** 26,
  })
  for (const file of [...listed.split('\n'), ...LOADER]) {
    if (!existsSync(join(root, file))) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    copyFileSync(join(root, file), join(folder, file))
  }
  copyFileSync(binary, join(folder, 'lib/native', binaryName(column)))
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const marker = join(folder, 'node_modules', '.installed-from')
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== lock) {
    install(column, folder)
    writeFileSync(marker, lock)
  }
  return folder
}

/**
 * @param {import('./columns.mjs').Column} column
 * @param {string} binary
 * @param {string} vite its version
 * @returns {{ app: string, config: string }} the app's folder and configuration
 */
export function stageApp(column, binary, vite) {
  const folder = fileURLToPath(new URL(`${column.name}/vite-${vite.split('.')[0]}`, workshop))
  rmSync(folder, { recursive: true, force: true })
  const app = join(folder, 'app')
  writeApp(app)
  const main = packMain(root, folder)
  const platform = packPlatform(root, folder, column.name, { binary })
  const manifest = {
    name: 'fresh-app',
    private: true,
    devDependencies: { [main.name]: `file:${main.path}`, vite },
    // Others npm would hold against this machine's platform, not the one that it is told.
    optionalDependencies: { [platform.name]: `file:${platform.path}` },
  }
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest))
  install(column, app)
  return { app, config: configs[0] }
}

function install({ npm }, folder) {
  const platform = Object.entries(npm).map(([key, value]) => `--${key}=${value}`)
  const [command, args] = npmCommand('install', ...platform)
  // Scripts would be run by this machine's Node, with that platform's programs.
  const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  output(command, [...args, ...quiet], { cwd: folder })
}
