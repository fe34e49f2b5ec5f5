import { readFileSync } from 'node:fs'

const DOCUMENT = new URL('../../docs/differences.md', import.meta.url)

/**
 * The deliberate differences that the documentation names: a heading, and under it a line
 * `Cases: glob, glob`, which may go on until the next empty line.
 *
 * @returns {{ name: string, globs: string[], covers(id: string): boolean }[]}
 */
export function readDifferences(document = DOCUMENT) {
  let text = ''
  try {
    text = readFileSync(document, 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  const sections = text.split(/^### /m).slice(1)
  return sections.flatMap((section) => {
    const [name] = section.split('\n')
    const cases = /^Cases: ((?:.+\n?)+)/m.exec(section)
    if (!cases) return []
    const globs = cases[1].split(',').map((glob) => glob.replaceAll('`', '').trim())
    return [{ name: name.trim(), globs, covers: (id) => globs.some((glob) => covers(glob, id)) }]
  })
}

/**
 * @param {string} glob `*` stands for any run of characters
 * @param {string} id
 */
export function covers(glob, id) {
  const pattern = glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${pattern}$`).test(id)
}
