// Compiles consumer.mts, what a user writes, against the types of every major, as an ES module and as
// CommonJS.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { MAJORS } from '../axes.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))
const generated = `${folder}generated`
const template = readFileSync(`${folder}consumer.mts`, 'utf8')
/** The types of these are for ES modules alone, and CommonJS has to say so. */
const ES_MODULES_ONLY = [5, 6]

const replaced = (text, from, to) => {
  if (!text.includes(from)) throw new Error(`consumer.mts has no ${from}`)
  return text.replaceAll(from, to)
}

function consumer(major, extension) {
  const isCommonJs = extension === 'cts'
  const mode = isCommonJs && ES_MODULES_ONLY.includes(major)
  const vite = `'vite${major}'${mode ? " with { 'resolution-mode': 'import' }" : ''}`
  const entry = `../../../../index.${isCommonJs ? 'js' : 'mjs'}`
  return replaced(replaced(template, "'vite8'", vite), '../../../index.mjs', entry)
}

rmSync(generated, { recursive: true, force: true })
mkdirSync(generated)
for (const major of MAJORS) {
  for (const extension of ['mts', 'cts']) {
    writeFileSync(`${generated}/vite${major}.${extension}`, consumer(major, extension))
  }
}
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-p', folder], { stdio: 'inherit' })
rmSync(generated, { recursive: true, force: true })
process.exitCode = status ?? 1
