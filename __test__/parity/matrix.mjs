import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { SCENARIO_MS } from './deadline.mjs'

const script = fileURLToPath(new URL('./column.mjs', import.meta.url))
const START_MS = 30_000
const END_MS = 5_000

/** Runs one column's scenarios one after another, in a new process whenever one was spoilt. */
export async function runColumn({ major, column, scenarios, lock, report }) {
  let child = null
  for (const scenario of scenarios) {
    child ??= await launch(major, column)
    const one = () => ask(child, scenario.name)
    const result = await (scenario.exclusive ? lock(one) : one())
    if (result.lingers || scenario.fresh) {
      await dismiss(child)
      child = null
    }
    report({ major, column, ...result })
  }
  if (child) await dismiss(child)
}

// A process that ends by itself also ends the browser it has started.
async function dismiss(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  if (child.connected) child.disconnect()
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await exit
  clearTimeout(timer)
}

async function launch(major, column) {
  const transport = column === 'bridged' ? { VITE_NATIVE_WS_TRANSPORT: 'bridge' } : {}
  const child = fork(script, [String(major), column], {
    env: { ...process.env, ...transport, NO_COLOR: '1', VITEST: undefined },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  child.output = ''
  const keep = (chunk) => {
    child.output = (child.output + chunk).slice(-8_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const answer = await next(child, START_MS)
  if (!answer.ready) throw new Error(`Vite ${major} ${column} did not start: ${answer.failure}`)
  return child
}

async function ask(child, name) {
  const from = performance.now()
  child.output = ''
  child.send({ name })
  const answer = await next(child, SCENARIO_MS)
  const ms = Math.round(performance.now() - from)
  return { name, observations: {}, log: [], ms, output: child.output, ...answer }
}

function next(child, ms) {
  return new Promise((resolve) => {
    const settle = (value) => {
      clearTimeout(timer)
      child.off('message', settle)
      child.off('exit', exited)
      resolve(value)
    }
    const exited = (code, signal) => {
      const why = `the process ended (${signal ?? `exit code ${code}`})\n${child.output}`
      settle({ failure: why, lingers: true })
    }
    const timer = setTimeout(
      () => settle({ failure: `no result in ${ms} ms\n${child.output}`, lingers: true }),
      ms,
    )
    child.on('message', settle)
    child.on('exit', exited)
  })
}
