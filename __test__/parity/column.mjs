import { inspect } from 'node:util'
import { byName } from './scenarios/index.mjs'
import { Trial } from './trial.mjs'

// One column of the matrix: a process of its own that runs the scenarios it is sent, one by one.
const major = Number(process.argv[2])
const column = process.argv[3]
let trial

function keep(error) {
  if (trial) trial.uncaught.push(error)
  else console.error(error)
}
process.on('uncaughtException', keep)
process.on('unhandledRejection', keep)

async function run(scenario) {
  const current = new Trial({ major, column })
  trial = current
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
  trial = undefined
  return {
    name: scenario.name,
    observations: current.observations,
    failure,
    log: current.logbook.entries,
    lingers: lingers || current.uncaught.length > 0,
    ms: Math.round(performance.now() - from),
  }
}

function describe(error) {
  return error instanceof Error ? (error.stack ?? error.message) : inspect(error)
}

process.on('message', async ({ name }) => {
  process.send(await run(byName.get(name)))
})
process.on('disconnect', () => process.exit())
process.send({ ready: true })
