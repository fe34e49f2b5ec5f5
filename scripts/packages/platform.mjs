// Which of the packages with a binary this machine's is.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** @returns {string} the folder of npm/ that it comes from, as the loader would choose it */
export function thisPlatform() {
  const { napi } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const { parseTriple } = createRequire(import.meta.url)('@napi-rs/cli')
  const isGlibc = process.report.getReport().header.glibcVersionRuntime !== undefined
  const abi = { linux: isGlibc ? 'gnu' : 'musl', win32: 'msvc' }[process.platform]
  const name = [process.platform, process.arch, abi].filter(Boolean).join('-')
  if (napi.targets.some((triple) => parseTriple(triple).platformArchABI === name)) return name
  throw new Error(`there is no package for ${name}`)
}
