// The deliberate differences of docs/differences.md: the only list of exceptions.
import { existsSync, readFileSync } from 'node:fs'

const DOCUMENT = new URL('../../docs/differences.md', import.meta.url)

/**
 * @typedef {object} Difference
 * @property {string} name The heading
 * @property {string[]} scenarios Of the parity suite, from a line `Scenarios: one, other`
 * @property {string[]} cases Of the hostile suite, from a line `Cases: glob, glob`
 */

/** @returns {Difference[]} in the order of the document */
export function readDifferences() {
  if (!existsSync(DOCUMENT)) return []
  const sections = readFileSync(DOCUMENT, 'utf8').split(/^(?=#{1,3} )/m)
  return sections.flatMap((section) => {
    const [, name] = /^### (\S.*?)\s*$/m.exec(section) ?? []
    if (!name) return []
    return [{ name, scenarios: list(section, 'Scenarios'), cases: list(section, 'Cases') }]
  })
}

/** A list goes on until the next empty line. */
function list(section, word) {
  const [, names = ''] = new RegExp(`^${word}: ((?:.+\\n?)+)`, 'm').exec(section) ?? []
  return names
    .split(/[\s,]+/)
    .map((name) => name.replaceAll('`', '').replace(/\.$/, ''))
    .filter(Boolean)
}
