// What a binary of Linux asks of the C library.
import { readFileSync } from 'node:fs'

/**
 * @param {string} binary
 * @returns {string} the newest version of glibc that it names, such as `2.17`
 */
export function needsOf(binary) {
  const named = readFileSync(binary, 'latin1').matchAll(/\0GLIBC_(\d+)\.(\d+)/g)
  const versions = [...named].map(([, major, minor]) => [Number(major), Number(minor)])
  versions.sort(([a, b], [c, d]) => a - c || b - d)
  return versions.at(-1)?.join('.') ?? '0.0'
}
