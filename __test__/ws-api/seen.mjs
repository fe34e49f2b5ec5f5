// Values as plain data that two engines can be compared by.
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
  const text = bytes.toString('latin1')
  if (text.length <= LONGEST_TEXT) return JSON.stringify(text)
  let sum = 0
  for (const byte of bytes) sum = (sum * 31 + byte) % 0x1_0000_0000
  return `of ${bytes.length} bytes, checksum ${sum}`
}

/** What a call throws, or returns. */
export function outcome(call) {
  try {
    return seen(call())
  } catch (error) {
    return `throws ${seen(error)}`
  }
}
