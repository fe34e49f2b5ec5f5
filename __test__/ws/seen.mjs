// Values as plain data that two engines can be compared by.
import { createHash } from 'node:crypto'

const LONGEST_TEXT = 40

export function seen(value) {
  if (value instanceof Error) {
    return `${value.name} ${value.code ?? '-'}: ${value.message}`
  }
  if (Buffer.isBuffer(value)) return `Buffer ${textOf(value)}`
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${textOf(Buffer.from(value))}`
  if (value instanceof Set) return [...value].map(seen)
  if (Array.isArray(value)) return value.map(seen)
  if (value === undefined) return 'undefined'
  if (typeof value === 'function') return 'a function'
  return value
}

function textOf(bytes) {
  if (bytes.length <= LONGEST_TEXT) return JSON.stringify(bytes.toString('latin1'))
  const digest = createHash('sha1').update(bytes).digest('hex').slice(0, 8)
  return `of ${bytes.length} bytes, digest ${digest}`
}

/** What a call throws, or returns. */
export function outcome(call) {
  try {
    return seen(call())
  } catch (error) {
    return `throws ${seen(error)}`
  }
}
