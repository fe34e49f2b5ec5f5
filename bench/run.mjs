// npm run bench: the same work for this package and for others, side by side, on this machine.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findWorse, renderWorse, rowsOf, store, storedRatios } from './baseline.mjs'
import { COUNTED_KINDS, isUsual, MEANINGS, prepare } from './kinds.mjs'
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
import { instructions } from './scenarios/instructions.mjs'
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
  instructions,
}
/** Scenarios that compare other servers than the rest. */
const KINDS = { transports: TRANSPORT_KINDS, numbered: NUMBERED_KINDS, instructions: COUNTED_KINDS }
/** Load of other programs, for each core, above which figures mean little. */
const BUSY_SHARE = 0.25
/** With fewer servers and cases a run takes some three minutes. */
const QUICK_KINDS = ['vite', 'ours', 'bun', 'raw']
/** Not part of a quick run, unless named. */
const LONG = ['calls', 'instructions']
/** What seems worse than is stored is measured so often again. */
const REPETITIONS = 2
const STORED_RUNS = 5

const usage = `npm run bench -- [options]

  --quick           fewer servers, cases and rounds, without calls and instructions; fails when
                    a row is 25 % worse than the ratio in bench/baseline.json
  --only A,B        these scenarios: ${Object.keys(SCENARIOS).join(', ')}
  --servers A,B     these servers: ${Object.keys(MEANINGS).join(', ')}
  --check           fail when a target is missed that the run measured
  --store           store the medians of ${STORED_RUNS} quick runs in bench/baseline.json
  --runs N          of so many instead
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
      runs: { type: 'string' },
      servers: { type: 'string' },
      store: { type: 'boolean' },
    },
  })
  return values
}

async function main(options) {
  const ledger = new Ledger()
  const missing = prepare(say)
  for (const [kind, reason] of Object.entries(missing)) ledger.note(`without ${kind}: ${reason}`)
  const begun = Date.now()
  const [load] = loadavg()
  if (load > BUSY_SHARE * availableParallelism()) {
    ledger.note(`the machine was busy before the run (load ${load.toFixed(1)}): do not quote this`)
  }
  const plan = planOf(options, missing)
  if (options.store) return storeRuns(plan, Number(options.runs ?? STORED_RUNS))
  await play(plan, ledger)

  const targets = judge(ledger)
  const seconds = Math.round((Date.now() - begun) / 1000)
  const machine = describeMachine()
  const file = save({ machine, mode: plan.mode, seconds, targets, ...ledger.toJSON() })
  if (options.plot) drawPlot(ledger, here('../docs/bench.svg'))
  console.log(`\n${renderTables(ledger, plan.kinds)}\n`)
  for (const kind of plan.kinds) console.log(`  ${kind.padEnd(14)} ${MEANINGS[kind]}`)
  console.log(`\nTargets\n${renderTargets(targets)}\n`)
  for (const note of ledger.notes) console.log(`  note: ${note}`)
  console.log(`  ${Object.values(machine).join(', ')}; ${plan.mode} run, ${seconds} s; ${file}`)
  const { failures } = ledger
  if (failures.length > 0) throw new Error(`not measured: ${failures.join('; ')}`)
  if (plan.mode === 'quick') await compareWithStored(plan, ledger)
  const missed = targets.filter(({ most, value }) => value > most).length
  if (options.check && missed > 0) throw new Error(`${missed} targets are missed`)
}

/** What is played, with which servers, and how thoroughly. */
function planOf({ only, quick, servers, store: isStored }, missing) {
  const mode = quick || isStored ? 'quick' : 'full'
  const names = Object.keys(SCENARIOS)
  const isShort = (name) => mode === 'full' || !LONG.includes(name)
  const scenarios = chosen('scenario', only, names, names.filter(isShort))
  const all = Object.keys(MEANINGS)
  const usual = mode === 'quick' ? QUICK_KINDS : all.filter(isUsual)
  const isThere = (kind) => !missing[kind]
  const kindsFor = (name) => chosen('server', servers, all, KINDS[name] ?? usual).filter(isThere)
  const kinds = all.filter((kind) => scenarios.some((name) => kindsFor(name).includes(kind)))
  return { mode, scenarios, kinds, kindsFor }
}

/** @param {Ledger} ledger */
async function play({ mode, scenarios, kindsFor }, ledger) {
  for (const name of scenarios) {
    ledger.scenario = name
    try {
      await SCENARIOS[name]({ kinds: kindsFor(name), ledger, mode, say })
    } catch (error) {
      say(error.message)
      ledger.fail(name, error)
    }
  }
}

/** Fails when a row is worse than is stored. What seems so is measured again, and the best counts. */
async function compareWithStored(plan, ledger) {
  const stored = storedRatios()
  if (!stored) {
    console.log(`  note: no figures are stored for ${availableParallelism()} cores: see --store`)
    return
  }
  let worse = findWorse(rowsOf(ledger), stored)
  for (let time = 0; worse.length > 0 && time < REPETITIONS; time++) {
    const scenarios = [...new Set(worse.map(({ scenario }) => scenario))]
    say(`${worse.length} rows seem worse than is stored; again ${scenarios.join(', ')}`)
    const again = new Ledger()
    await play({ ...plan, scenarios }, again)
    const rows = rowsOf(again)
    const better = ({ name, ratio, scenario }) => {
      const repeated = Math.min(ratio, rows.get(name)?.ratio ?? ratio)
      return [name, { name, scenario, ratio: repeated }]
    }
    worse = findWorse(new Map(worse.map(better)), stored)
  }
  if (worse.length === 0) return console.log('\nNo row is worse than is stored in baseline.json.')
  console.log(`\nWorse than is stored\n${renderWorse(worse, stored)}`)
  throw new Error(`${worse.length} rows are worse than is stored in bench/baseline.json`)
}

async function storeRuns(plan, count) {
  const runs = []
  for (let run = 0; run < count; run++) {
    say(`run ${run + 1} of ${count}`)
    const ledger = new Ledger()
    await play(plan, ledger)
    for (const note of ledger.notes) say(note)
    runs.push(rowsOf(ledger))
  }
  console.log(`bench/baseline.json has ${store(runs)} rows for ${availableParallelism()} cores`)
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
