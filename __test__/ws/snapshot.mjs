// Values as plain data that two implementations can be compared by.
import { createHash } from 'node:crypto'

const LONGEST_TEXT = 40

export function snapshot(value) {
  if (value instanceof Error) {
    return `${value.name} ${value.code ?? '-'}: ${value.message}`
  }
  if (Buffer.isBuffer(value)) return `Buffer ${textOf(value)}`
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${textOf(Buffer.from(value))}`
  if (value instanceof Set) return [...value].map(snapshot)
  if (Array.isArray(value)) return value.map(snapshot)
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
    return snapshot(call())
  } catch (error) {
    return `throws ${snapshot(error)}`
  }
}
