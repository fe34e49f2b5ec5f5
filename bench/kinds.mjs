import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const { loadBinary } = createRequire(import.meta.url)('../lib/native/binary.js')

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const LOAD_CRATE = here('load/Cargo.toml')
const BUN = here('node_modules/.bin/bun')

/** The clients' program. */
export const LOAD = here('load/target/release/load')
const RAW = here('load/target/release/raw')

/** Valgrind's counter of instructions; nothing is written, the counts are asked for while it runs. */
const COUNTER = ['--tool=callgrind', '--quiet', '--callgrind-out-file=/dev/null']

/** How to start each kind of server. All take the same orders. */
const COMMANDS = {
  vite: node('vite'),
  ws: node('ws'),
  ours: node('ours'),
  bridged: node('ours', { VITE_NATIVE_WS_TRANSPORT: 'bridge' }),
  'vite-https': node('vite', { BENCH_HTTPS: '1' }),
  'bridged-https': node('ours', { BENCH_HTTPS: '1' }),
  'ours-off': node('ours', options({ reconnect: false })),
  'ours-pages': node('ours', options({ reconnect: true })),
  'vite-counted': counted(node('vite')),
  'ours-counted': counted(node('ours')),
  'bridged-counted': counted(node('ours', { VITE_NATIVE_WS_TRANSPORT: 'bridge' })),
  bun: { command: BUN, args: [here('servers/bun.mjs')] },
  raw: { command: RAW, args: ['1'] },
  raw2: { command: RAW, args: ['2'] },
}

/** Servers whose instructions are counted; the first is what the others are compared with. */
export const COUNTED_KINDS = Object.keys(COMMANDS).filter((kind) => kind.endsWith('-counted'))

/** How the clients of a kind connect, if not as usual; see `order.rs`. */
const CLIENTS = { 'ours-pages': () => ({ hello: loadBinary().controlTexts().hello }) }

/** What the names mean, for the foot of a table. */
export const MEANINGS = {
  vite: "Vite's dev server",
  ws: 'the ws package as Vite uses it, without Vite',
  ours: 'the same with this package, sockets adopted',
  bridged: 'the same with this package, sockets left with Node',
  'vite-https': "Vite's dev server over https",
  'bridged-https': 'the same with this package',
  'ours-off': 'as ours, with reconnect off',
  'ours-pages': 'as ours, and its clients are pages that could come back',
  'vite-counted': "Vite's dev server under Valgrind",
  'ours-counted': 'as ours, under Valgrind',
  'bridged-counted': 'as bridged, under Valgrind',
  bun: "Bun's own server, publish",
  raw: 'one thread, one write() of a ready frame per client, nothing else',
  raw2: 'the same with two threads',
}

/** Variants are for the scenarios that name them. @param {string} kind */
export function isUsual(kind) {
  return !kind.includes('-')
}

/** @param {string} kind */
export function clientOptions(kind) {
  return CLIENTS[kind]?.()
}

/** @param {string} kind */
export function commandFor(kind) {
  return COMMANDS[kind]
}

function options(values) {
  return { BENCH_OPTIONS: JSON.stringify(values) }
}

function node(name, env = {}) {
  return { command: process.execPath, args: ['--expose-gc', here(`servers/${name}.mjs`)], env }
}

/**
 * Under Valgrind. V8 compiles and collects garbage on its main thread, at the same places each time.
 *
 * @param {ReturnType<typeof node>} how
 */
function counted({ command, args, env }) {
  return { command: 'valgrind', args: [...COUNTER, command, '--predictable', ...args], env }
}

/**
 * Builds and installs what the servers need.
 *
 * @param {(line: string) => void} say
 * @returns {Record<string, string>} The kinds that cannot be had, and why.
 */
export function prepare(say) {
  const addon = spawnSync(
    process.execPath,
    ['-e', 'require("./lib/native/binary.js").loadBinary()'],
    {
      cwd: here('..'),
      encoding: 'utf8',
    },
  )
  if (addon.status !== 0) throw new Error('the addon cannot be loaded: run npm run build first')
  say('building the clients (quick when nothing changed)')
  const built = spawnSync('cargo', ['build', '--release', '--quiet', '--manifest-path', LOAD_CRATE])
  if (built.status !== 0) throw new Error(`the clients cannot be built\n${built.stderr}`)
  return prepareBun(say)
}

function prepareBun(say) {
  if (!existsSync(BUN)) {
    say('installing Bun, to compare with')
    const args = ['install', '--no-package-lock', '--no-audit', '--no-fund', '--prefix', here('.')]
    spawnSync('npm', args, { cwd: here('.') })
  }
  const { status, stderr } = spawnSync(BUN, ['--version'], { encoding: 'utf8' })
  if (status === 0) return {}
  return { bun: `the package bun does not run here${stderr ? `: ${stderr.trim()}` : ''}` }
}
