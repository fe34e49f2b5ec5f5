import { Program } from '../support/program.mjs'

const RUNNER = new URL('scenario-runner.mjs', import.meta.url)
const SCENARIO_MS = 90_000
const END_MS = 5_000

/**
 * Runs one column's scenarios one after another, in a new process whenever one was spoilt.
 *
 * @param {object} given
 * @param {number} given.major
 * @param {string} given.column
 * @param {import('./scenario.mjs').Scenario[]} given.scenarios
 * @param {<T>(work: () => Promise<T>) => Promise<T>} given.lock For those that are exclusive
 * @param {(result: object) => void} given.report
 */
export async function runColumn({ major, column, scenarios, lock, report }) {
  let program = null
  for (const scenario of scenarios) {
    program ??= await launch(major, column)
    const one = () => ask(program, scenario.name)
    const result = await (scenario.exclusive ? lock(one) : one())
    if (result.lingers || scenario.fresh) {
      await program.leave(END_MS)
      program = null
    }
    report({ major, column, ...result })
  }
  await program?.leave(END_MS)
}

function launch(major, column) {
  const transport = column === 'bridged' ? { VITE_NATIVE_WS_TRANSPORT: 'bridge' } : {}
  const env = { ...transport, VITEST: undefined }
  return Program.start(undefined, RUNNER, { major, column }, { env, flags: [] })
}

/** @returns {Promise<import('./scenario.mjs').Result & { output: string }>} */
async function ask(program, name) {
  const from = performance.now()
  program.output = ''
  try {
    const result = await program.ask('run', { name }, SCENARIO_MS)
    return { ...result, output: program.output }
  } catch (error) {
    const failure = `${error.message}\n${program.output}`
    const ms = Math.round(performance.now() - from)
    return { name, observations: {}, log: [], failure, lingers: true, ms, output: program.output }
  }
}
