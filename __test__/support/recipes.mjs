// The recipes of the documents, as they stand there.
import { readFileSync } from 'node:fs'

const read = (name) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

/**
 * A block of code below a heading.
 *
 * @param {string} heading
 * @param {string} [language]
 * @param {string} [name] The document
 */
export function recipe(heading, language = '[a-z]+', name = 'networks.md') {
  const text = read(name)
  const start = text.indexOf(`# ${heading}\n`)
  if (start < 0) throw new Error(`docs/${name} has no heading "${heading}"`)
  const end = text.indexOf('\n##', start)
  const section = text.slice(start, end < 0 ? undefined : end)
  const [, block] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section) ?? []
  if (!block) throw new Error(`"${heading}" has no block of ${language}`)
  return block
}

/**
 * All headings of recipes.
 *
 * @param {string} name The document
 * @param {number} level
 */
export function headings(name, level) {
  const text = read(name)
  const start = Math.max(0, text.indexOf('\n## Recipes\n'))
  const line = new RegExp(`^${'#'.repeat(level)} (.*)$`, 'gm')
  return Array.from(text.slice(start).matchAll(line), ([, heading]) => heading)
}

/** A block that is a part of vite.config.js. */
export function configOf(block, scope = {}) {
  return new Function(...Object.keys(scope), `return { ${block} }`)(...Object.values(scope))
}

/** Runs a block that is a program; its imports are given. */
export function runProgram(block, scope, results) {
  const body = block.replace(/^import .*$/gm, '')
  const AsyncFunction = (async () => {}).constructor
  const program = new AsyncFunction(...Object.keys(scope), `${body}\nreturn { ${results} }`)
  return program(...Object.values(scope))
}
