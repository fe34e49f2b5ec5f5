import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { ENGINES } from './engines.mjs'
import { Stage } from './stage.mjs'

const FOLDER = new URL('scenarios/', import.meta.url)

/**
 * @typedef {object} Scenario
 * @property {string} name A sentence that says what it shows.
 * @property {string[]} members The members of `ws` that it shows.
 * @property {(stage: Stage) => Promise<object>} run Plays it and returns what was seen.
 * @property {object} [seen] What every engine must show; else whatever `ws` shows.
 * @property {{ name: string, seen: object }} [differs] A deliberate difference: the section of
 *   docs/differences.md, and what ours shows instead.
 */

/** @returns {Promise<Scenario[]>} */
export async function loadScenarios() {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.mjs'))
  const modules = await Promise.all(files.sort().map((name) => import(new URL(name, FOLDER))))
  return modules.flatMap((module) => module.default)
}

/** Plays one scenario on every engine; a word for each, and why if it failed. */
export async function compare(scenario) {
  const cells = []
  let reference
  for (const engine of ENGINES) {
    try {
      const observation = await play(scenario, engine)
      if (engine.name === 'ws') reference = observation
      cells.push({ engine: engine.name, word: judge(scenario, engine, observation, reference) })
    } catch (error) {
      cells.push({ engine: engine.name, word: 'fails', why: error })
    }
  }
  return cells
}

async function play(scenario, engine) {
  const stage = new Stage(engine)
  try {
    const observation = await scenario.run(stage)
    assert.ok(Object.keys(observation ?? {}).length > 0, 'nothing was seen')
    for (const transport of stage.transports) assert.equal(transport, engine.name, 'the transport')
    return structuredClone(observation)
  } finally {
    stage.end()
  }
}

function judge({ seen, differs }, { name }, observation, reference) {
  if (name === 'ws') {
    if (seen) assert.deepEqual(observation, seen)
    return 'ok'
  }
  assert.ok(reference, 'ws itself failed')
  if (!differs) {
    assert.deepEqual(observation, reference)
    return 'ok'
  }
  assert.deepEqual(observation, differs.seen)
  assert.notDeepEqual(observation, reference, 'this is no longer a difference')
  return `differs: ${differs.name}`
}
