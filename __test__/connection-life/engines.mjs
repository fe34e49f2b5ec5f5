// What carries the WebSockets of a dev server in these tests.

/** Ours, both ways in which a connection can travel. */
export const ENGINES = ['adopted', 'bridged']

/** Vite's own server, for comparison. */
export const VITE = 'vite'

const MIB = 1024 * 1024

/** Bytes in MiB, for people. */
export const mib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`

/** Milliseconds, for people. */
export const ms = (milliseconds) => `${milliseconds.toFixed(1)} ms`

export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}
