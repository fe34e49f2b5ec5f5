// npm run pack:check: what would be published, installed as users will, into a fresh app outside
// this repository, without Rust; and a hot update seen to arrive. --only NAME: one package manager.
import { execFileSync, execSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { launchChromium } from './browser.mjs'
import { configs, writeApp } from './packages/app.mjs'
import { environmentWithoutRust, npmCommand, run } from './packages/commands.mjs'
import { fetchTool, managers, viteOnDisk } from './packages/managers.mjs'
import { thisPlatform } from './packages/platform.mjs'
import { openRegistry } from './packages/registry.mjs'
import { faults, kB, packMain, packPlatform } from './packages/tarballs.mjs'
import { seeUpdate } from './packages/update.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const started = performance.now()
const { values } = parseArgs({ options: { only: { type: 'string' } } })

// Real, because macOS's is a link, and Vite tells of files by their real path.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vite-native-ws-pack-')))
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
process.once('SIGINT', () => process.exit(130))

try {
  await main()
} catch (error) {
  console.error(`pack:check: ${error.message}`)
  process.exitCode = 1
}

async function main() {
  const manifest = readManifest(root)
  const platform = thisPlatform()
  const tarballs = [packMain(root, folder), packPlatform(root, folder, platform)]
  for (const { name, packedBytes, unpackedBytes, files } of tarballs) {
    const sizes = `${kB(packedBytes).padStart(9)} packed ${kB(unpackedBytes).padStart(10)} unpacked`
    console.log(`${name.padEnd(30)}${sizes}  ${files.length} files`)
  }
  const found = faults(...tarballs)
  if (found.length > 0) throw new Error(found.join('\n'))

  const env = environmentWithoutRust(join(folder, 'bin'))
  refuseRust(env)
  const chosen = managers.filter(({ name }) => !values.only || values.only === name)
  if (chosen.length === 0) throw new Error(`--only takes ${managers.map(({ name }) => name)}`)
  const [npm, npmArgs] = npmCommand('config', 'get', 'registry')
  const upstream = execFileSync(npm, npmArgs, { encoding: 'utf8', shell: npm === 'npm' }).trim()
  const folders = readdirSync(join(root, 'npm'))
  const manifests = folders.map((name) => readManifest(join(root, 'npm', name)))
  const browser = await launchChromium(console.log)
  try {
    // They wait for the network most of the time, so they do it together.
    const installs = chosen.map(async (manager) => {
      const registry = await openRegistry({ tarballs, manifests, upstream })
      try {
        return await install({ manager, manifest, platform, env, registry })
      } finally {
        await registry.close()
      }
    })
    // Not at the first failure: the others are still at work in the folder.
    for (const result of await Promise.allSettled(installs)) {
      if (result.status === 'rejected') throw result.reason
      if (result.value) await check({ ...result.value, platform, env, browser })
    }
    if (!values.only || values.only === 'npm') {
      for (const way of fromClone(tarballs)) {
        const app = await installFromClone({ ...way, manifest, env })
        await check({ ...way, app, vite: viteOnDisk({ app }), platform, env, browser })
      }
    }
  } finally {
    await browser.close()
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(`pack:check: all of it works without Rust (${seconds} s)`)
}

/** A fresh app with the package in it; nothing if the package manager can't be had. */
async function install({ manager, manifest, platform, env, registry }) {
  const { name } = manager
  const app = join(folder, name.replace(' ', '-'), 'app')
  const cache = join(folder, name.replace(' ', '-'), 'cache')
  writeApp(app)
  mkdirSync(cache)
  let tool
  try {
    tool = await fetchTool(manager, cache, env)
  } catch (error) {
    // It is not ours, and the registry need not have it.
    console.log(`${name}: left out, ${manager.package} could not be had (${firstLine(error)})`)
    return undefined
  }
  const { vite, typescript, '@types/node': node } = manifest.devDependencies
  const packages = ['vite-native-ws', `vite@${vite}`]
  if (name === 'npm') packages.push(`typescript@${typescript}`, `@types/node@${node}`)
  const request = { app, cache, tool, registry: registry.url, packages }
  manager.prepare?.(request)
  const start = performance.now()
  await run(manager.install(request), { cwd: app, env })
  console.log(`${name}: installed (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  const expected = ['vite-native-ws', `vite-native-ws-${platform}`]
  if ([...registry.fetched].sort().join() !== expected.join()) {
    throw new Error(`${name} fetched ${[...registry.fetched]}, instead of ${expected}`)
  }
  return { name, app, vite: manager.vite(request) }
}

/** The ways of trying a clone in an app, as the README has them. */
function fromClone(tarballs) {
  return [
    { name: 'npm, the clone', packages: [root] },
    { name: 'npm, two tarballs', packages: tarballs.map(({ path }) => path) },
  ]
}

/** A fresh app that takes the package from this clone, and all else from npm. */
async function installFromClone({ name, packages, manifest, env }) {
  const app = join(folder, name.replaceAll(/\W+/g, '-'), 'app')
  writeApp(app)
  const vite = `vite@${manifest.devDependencies.vite}`
  const start = performance.now()
  const command = npmCommand('install', '-D', ...packages, vite, '--no-audit', '--no-fund')
  const output = await run(command, { cwd: app, env })
  if (output.includes('EBADENGINE')) throw new Error(`${name}: npm warned:\n${output}`)
  console.log(`${name}: installed (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  return app
}

async function check({ name, app, vite, platform, env, browser }) {
  const binary = `vite-native-ws.${platform}.node`
  for (const config of configs) {
    const seen = await seeUpdate({ browser, app, config, vite, env, binary })
    const time = `${seen.milliseconds.toFixed(0)} ms`
    console.log(`${name}: ${config}: a hot update arrived in ${time}, ${seen.transport}`)
  }
  if (name !== 'npm') return
  for (const file of ['ws.cjs', 'ws.mjs']) {
    const output = await run([process.execPath, [file]], { cwd: app, env })
    if (output.trim() !== 'closed') throw new Error(`${file} printed ${output}`)
  }
  await run([process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.']], { cwd: app, env })
  console.log(`${name}: vite-native-ws/ws loads by require and by import; the types hold`)
}

function refuseRust(env) {
  let found
  try {
    found = execSync(process.platform === 'win32' ? 'where rustc' : 'command -v rustc', { env })
  } catch {
    return
  }
  throw new Error(`Rust is still on the PATH: ${found}`)
}

function readManifest(path) {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
}

function firstLine({ message }) {
  return message.split('\n').find((line) => /error/i.test(line)) ?? message.split('\n')[0]
}
