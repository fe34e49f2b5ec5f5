import { inspect } from 'node:util'
import { answer, settings } from '../support/commands.mjs'
import { ScenarioContext } from './scenario-context.mjs'
import { byName } from './scenarios/index.mjs'

// One column of the matrix: a process of its own that runs the scenarios it is asked for, one by one.
const { major, column } = settings()
let context

function keep(error) {
  if (context) context.uncaught.push(error)
  else console.error(error)
}
process.on('uncaughtException', keep)
process.on('unhandledRejection', keep)

/** @returns {Promise<import('./scenario.mjs').Result>} */
async function run(scenario) {
  const current = new ScenarioContext({ major, column })
  context = current
  const from = performance.now()
  let failure = null
  try {
    await scenario.run(current)
  } catch (error) {
    failure = describe(error)
  }
  await current.end()
  // What the last sockets still have to say belongs to this scenario.
  await new Promise((resolve) => setImmediate(resolve))
  if (!failure && current.uncaught.length > 0 && !scenario.uncaught) {
    failure = `uncaught: ${describe(current.uncaught[0])}`
  }
  const lingers = current.leftovers.length > 0
  if (!failure && lingers && !scenario.lingers) failure = `cleanup: ${current.leftovers[0]}`
  context = undefined
  return {
    name: scenario.name,
    observations: current.observations,
    failure,
    log: current.log.entries,
    lingers: lingers || current.uncaught.length > 0,
    ms: Math.round(performance.now() - from),
  }
}

function describe(error) {
  return error instanceof Error ? (error.stack ?? error.message) : inspect(error)
}

answer({
  about: () => ({ major, column }),
  run: ({ name }) => run(byName.get(name)),
})
