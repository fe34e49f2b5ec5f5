// npm run bench: the same work for this package and for others, side by side, on this machine.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isUsual, MEANINGS, prepare } from './kinds.mjs'
import { Ledger } from './ledger.mjs'
import { drawPlot } from './plot.mjs'
import { slowReaders, stalled } from './scenarios/backlog.mjs'
import { blocked } from './scenarios/blocked.mjs'
import { burst } from './scenarios/burst.mjs'
import { calls } from './scenarios/calls.mjs'
import { eventLoop } from './scenarios/event-loop.mjs'
import { fanOut } from './scenarios/fan-out.mjs'
import { idle } from './scenarios/idle.mjs'
import { inbound } from './scenarios/inbound.mjs'
import { memory } from './scenarios/memory.mjs'
import { messages } from './scenarios/messages.mjs'
import { NUMBERED_KINDS, numbered } from './scenarios/numbered.mjs'
import { reconnect } from './scenarios/reconnect.mjs'
import { storm } from './scenarios/storm.mjs'
import { TRANSPORT_KINDS, transports } from './scenarios/transports.mjs'
import { unwatched } from './scenarios/unwatched.mjs'
import { upgrades } from './scenarios/upgrades.mjs'
import { renderTables } from './table.mjs'
import { judge, renderTargets } from './targets.mjs'

const SCENARIOS = {
  'fan-out': fanOut,
  unwatched,
  burst,
  'event-loop': eventLoop,
  storm,
  reconnect,
  memory,
  inbound,
  blocked,
  stalled,
  'slow-readers': slowReaders,
  calls,
  transports,
  messages,
  upgrades,
  idle,
  numbered,
}
/** Scenarios that compare other servers than the rest. */
const KINDS = { transports: TRANSPORT_KINDS, numbered: NUMBERED_KINDS }
/** Load of other programs, for each core, above which figures mean little. */
const BUSY_SHARE = 0.25
/** With fewer servers and cases a run takes less than a minute. */
const QUICK_KINDS = ['vite', 'ours', 'bun', 'raw']

const usage = `npm run bench -- [options]

  --quick           fewer servers, cases and rounds: under a minute
  --only A,B        these scenarios: ${Object.keys(SCENARIOS).join(', ')}
  --servers A,B     these servers: ${Object.keys(MEANINGS).join(', ')}
  --check           fail when a target is missed that the run measured
  --plot            also draw docs/bench.svg
  --help`

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

try {
  const options = readOptions()
  if (options.help) console.log(usage)
  else await main(options)
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean' },
      help: { type: 'boolean' },
      only: { type: 'string' },
      plot: { type: 'boolean' },
      quick: { type: 'boolean' },
      servers: { type: 'string' },
    },
  })
  return values
}

async function main({ check, only, plot, quick, servers }) {
  const ledger = new Ledger()
  const missing = prepare(say)
  for (const [kind, reason] of Object.entries(missing)) ledger.note(`without ${kind}: ${reason}`)
  const begun = Date.now()
  const [load] = loadavg()
  if (load > BUSY_SHARE * availableParallelism()) {
    ledger.note(`the machine was busy before the run (load ${load.toFixed(1)}): do not quote this`)
  }
  const names = chosen('scenario', only, Object.keys(SCENARIOS))
  const all = Object.keys(MEANINGS)
  const usual = quick ? QUICK_KINDS : all.filter(isUsual)
  const isThere = (kind) => !missing[kind]
  const kindsFor = (name) => chosen('server', servers, all, KINDS[name] ?? usual).filter(isThere)
  const kinds = all.filter((kind) => names.some((name) => kindsFor(name).includes(kind)))
  const mode = quick ? 'quick' : 'full'
  for (const name of names) await SCENARIOS[name]({ kinds: kindsFor(name), ledger, mode, say })

  const targets = judge(ledger)
  const seconds = Math.round((Date.now() - begun) / 1000)
  const machine = describeMachine()
  const file = save({ machine, mode, seconds, targets, ...ledger.toJSON() })
  if (plot) drawPlot(ledger, here('../docs/bench.svg'))
  console.log(`\n${renderTables(ledger, kinds)}\n`)
  for (const kind of kinds) console.log(`  ${kind.padEnd(14)} ${MEANINGS[kind]}`)
  console.log(`\nTargets\n${renderTargets(targets)}\n`)
  for (const note of ledger.notes) console.log(`  note: ${note}`)
  console.log(`  ${Object.values(machine).join(', ')}; ${mode} run, ${seconds} s; ${file}`)
  const missed = targets.filter(({ most, value }) => value > most).length
  if (check && missed > 0) throw new Error(`${missed} targets are missed`)
}

function chosen(what, list, all, usual = all) {
  const names = list?.split(',') ?? (usual || all)
  const unknown = names.find((name) => !all.includes(name))
  if (unknown) throw new Error(`${unknown} is no ${what}: there are ${all.join(', ')}`)
  return names
}

function describeMachine() {
  const versionOf = (name) =>
    JSON.parse(readFileSync(here(`../node_modules/${name}/package.json`), 'utf8')).version
  return {
    cores: `${availableParallelism()} cores`,
    processor: cpus()[0]?.model ?? 'unknown processor',
    kernel: `Linux ${release()}`,
    node: `Node ${process.versions.node}`,
    vite: `Vite ${versionOf('vite')}`,
    ws: `ws ${versionOf('ws')}`,
  }
}

function save(results) {
  const folder = here('results')
  mkdirSync(folder, { recursive: true })
  const date = new Date().toISOString()
  const file = `${folder}/${date.replaceAll(/[:.]/g, '-')}.json`
  writeFileSync(file, `${JSON.stringify({ date, ...results }, undefined, 2)}\n`)
  return `bench/results/${file.slice(folder.length + 1)}`
}

function say(line) {
  console.error(`bench: ${Math.round(process.uptime())} s: ${line}`)
}
