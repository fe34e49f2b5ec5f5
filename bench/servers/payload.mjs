const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const HEAD_AND_TAIL_BYTES = JSON.stringify(payload(1e9, 0, '')).length

/** What fills a payload up to a size; `load/src/payload.rs` knows the pattern. */
export function fillFor(size) {
  const length = size - HEAD_AND_TAIL_BYTES
  const text = ALPHABET.repeat(Math.ceil(length / ALPHABET.length)).slice(0, length)
  // A flat string, as one that was read from a file would be.
  return Buffer.from(text).toString('latin1')
}

/**
 * A payload of Vite's protocol that tells its number and when it was sent.
 *
 * @param {number} sequence
 * @param {number} at Nanoseconds.
 * @param {string} fill
 */
export function payload(sequence, at, fill) {
  const data = { seq: sequence, at: String(at).padStart(16, '0'), fill }
  return { type: 'custom', event: 'bench', data }
}
