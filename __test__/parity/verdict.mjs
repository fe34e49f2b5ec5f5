import { inapplicable } from './axes.mjs'
import { compare } from './normalizer.mjs'

/**
 * What one cell says: `ok`, `differs` (its observations are not those of Vite's own server of the
 * same major), `fails` (an expectation of the scenario does not hold), `-` (not applicable).
 * Only `differs` can be excused, and only by a name in the list of differences.
 */
export function judge({ scenario, major, column, results, differences }) {
  const why = inapplicable(scenario, major)
  if (why) return { word: '-', why }
  const result = results.get(`${major} ${column} ${scenario.name}`)
  if (!result) return { word: '' }
  if (result.failure) return { word: 'fails', failed: true, why: result.failure, result }
  if (column === 'vite') return { word: 'ok', result }
  const own = results.get(`${major} vite ${scenario.name}`)
  if (!own || own.failure) return { word: 'fails', failed: true, why: 'nothing to compare with' }
  const changes = compare(own.observations, result.observations)
  if (changes.length === 0) return { word: 'ok', result }
  const { name } = differences.find(({ scenarios }) => scenarios.includes(scenario.name)) ?? {}
  return { word: 'differs', failed: !name, name, changes, result }
}
