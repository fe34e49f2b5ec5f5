import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { IMPLEMENTATIONS } from './implementations.mjs'
import { ScenarioContext } from './scenario-context.mjs'

const FOLDER = new URL('scenarios/', import.meta.url)

/**
 * @typedef {object} Scenario
 * @property {string} name A sentence that says what it shows.
 * @property {string[]} members The members of `ws` that it shows.
 * @property {(t: ScenarioContext) => Promise<object>} run Plays it and returns what it observed.
 * @property {object} [expected] What every implementation must show; else whatever `ws` shows.
 * @property {{ name: string, expected: object }} [differs] A deliberate difference: the section of
 *   docs/differences.md, and what ours shows instead.
 */

/** @returns {Promise<Scenario[]>} */
export async function loadScenarios() {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.mjs'))
  const modules = await Promise.all(files.sort().map((name) => import(new URL(name, FOLDER))))
  return modules.flatMap((module) => module.default)
}

/** Plays one scenario on every implementation; a word for each, and why if it failed. */
export async function compare(scenario) {
  const cells = []
  let reference
  for (const implementation of IMPLEMENTATIONS) {
    const { name } = implementation
    try {
      const observation = await play(scenario, implementation)
      if (name === 'ws') reference = observation
      cells.push({ name, word: judge(scenario, name, observation, reference) })
    } catch (error) {
      cells.push({ name, word: 'fails', why: error })
    }
  }
  return cells
}

async function play(scenario, implementation) {
  const t = new ScenarioContext(implementation)
  try {
    const observation = await scenario.run(t)
    assert.ok(Object.keys(observation ?? {}).length > 0, 'nothing was observed')
    for (const transport of t.transports) {
      assert.equal(transport, implementation.name, 'the transport')
    }
    return structuredClone(observation)
  } finally {
    t.end()
  }
}

function judge({ expected, differs }, name, observation, reference) {
  if (name === 'ws') {
    if (expected) assert.deepEqual(observation, expected)
    return 'ok'
  }
  assert.ok(reference, 'ws itself failed')
  if (!differs) {
    assert.deepEqual(observation, reference)
    return 'ok'
  }
  assert.deepEqual(observation, differs.expected)
  assert.notDeepEqual(observation, reference, 'this is no longer a difference')
  return `differs: ${differs.name}`
}
