import { select } from './catalogue.mjs'
import { start } from './echo-servers.mjs'
import { play } from './reference-client.mjs'
import { judge } from './verdict.mjs'

const PARALLEL = 8
/** Cases that move megabytes run one at a time, so that none is judged by another's load. */
const isHeavy = ({ id }) => id.startsWith('9.')

/**
 * @typedef {{ scenario: import('./scenario.mjs').Scenario, ms: number,
 *   verdict: import('./verdict.mjs').Verdict, reason: string }} Result
 */

/**
 * The selected cases against one target.
 *
 * @param {keyof typeof import('./echo-servers.mjs').TARGETS} target
 * @param {{ only?: string, quick?: boolean }} selection
 * @returns {Promise<Result[]>} in the catalogue's order
 */
export async function runCatalogue(target, selection = {}) {
  const scenarios = select(selection)
  const server = await start(target)
  const results = new Map()
  const run = async (scenario) => {
    const from = performance.now()
    const judged = server.isAlive
      ? judge(scenario, await play(server.about.port, scenario))
      : { verdict: 'FAILED', reason: 'the server process has ended' }
    results.set(scenario, { scenario, ms: performance.now() - from, ...judged })
  }
  const queue = scenarios.filter((scenario) => !isHeavy(scenario))
  const worker = async () => {
    for (let scenario = queue.shift(); scenario; scenario = queue.shift()) await run(scenario)
  }
  try {
    await Promise.all(Array.from({ length: PARALLEL }, worker))
    for (const scenario of scenarios.filter(isHeavy)) await run(scenario)
  } finally {
    await server.end()
  }
  return scenarios.map((scenario) => results.get(scenario))
}

/** NON-STRICT is for an endpoint that finds invalid UTF-8 late, which only 6.4 looks at. */
export const isPassed = ({ scenario, verdict }) =>
  verdict === 'OK' ||
  verdict === 'INFORMATIONAL' ||
  (verdict === 'NON-STRICT' && scenario.id.startsWith('6.4.'))
