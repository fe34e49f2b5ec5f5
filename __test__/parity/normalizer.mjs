import { realpathSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

/** Removes from a value what no two runs share: places, ports, tokens, times, stack frames. */
export class Normalizer {
  #names = new Map()

  hide(text, name) {
    if (text) this.#names.set(String(text), name)
  }

  hideFolder(folder) {
    this.hide(folder, '<root>')
    this.hide(realpathSync(folder), '<root>')
  }

  clear(value) {
    if (typeof value === 'string') return this.#text(value)
    if (Array.isArray(value)) return value.map((one) => this.clear(one))
    if (value instanceof Error) return this.#text(`${value.name}: ${value.message}`)
    if (value && typeof value === 'object') {
      return Object.fromEntries(
        Object.entries(value).map(([key, one]) => [
          key,
          key === 'timestamp' ? '<t>' : this.clear(one),
        ]),
      )
    }
    if (typeof value === 'number') return this.#names.get(String(value)) ?? value
    return value === undefined ? '<undefined>' : value
  }

  #text(text) {
    let out = stripVTControlCharacters(text)
    const names = [...this.#names].sort(([a], [b]) => b.length - a.length)
    for (const [from, to] of names) {
      out = /^\d+$/.test(from)
        ? out.replace(new RegExp(`(?<!\\d)${from}(?!\\d)`, 'g'), to)
        : out.replaceAll(from, to)
    }
    return out
      .replace(/(\\n|\n) +at [^\n"\\]*/g, '')
      .replace(/(\.\.\/)*(parity-\w{6}\/)+/g, '<root>/')
      .replace(/"timestamp":\d+/g, '"timestamp":<t>')
      .replace(/([?&]t=)\d{13}/g, '$1<t>')
  }
}

/** The keys under which two sets of observations are not equal. */
export function compare(expected, actual) {
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)])
  return [...keys]
    .filter((key) => JSON.stringify(expected[key]) !== JSON.stringify(actual[key]))
    .map((key) => ({ key, expected: expected[key], actual: actual[key] }))
}
