// The recipes of docs/networks.md, as they stand there.
import { readFileSync } from 'node:fs'

const text = readFileSync(new URL('../../docs/networks.md', import.meta.url), 'utf8')

/**
 * A block of code below a heading.
 *
 * @param {string} heading
 * @param {string} [language]
 */
export function recipe(heading, language = '[a-z]+') {
  const start = text.indexOf(`\n### ${heading}\n`)
  if (start < 0) throw new Error(`docs/networks.md has no heading "${heading}"`)
  const end = text.indexOf('\n##', start + 4)
  const section = text.slice(start, end < 0 ? undefined : end)
  const [, block] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section) ?? []
  if (!block) throw new Error(`"${heading}" has no block of ${language}`)
  return block
}

/** All headings of recipes. */
export function headings() {
  const start = text.indexOf('\n## Recipes\n')
  return Array.from(text.slice(start).matchAll(/^### (.*)$/gm), ([, heading]) => heading)
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
