// What is measured, and how people read it.
const MIB = 1024 * 1024

/** Milliseconds by the clock that all processes of the machine share. */
export const now = () => Number(process.hrtime.bigint()) / 1e6

/** Bytes in MiB, for people. */
export const mib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`

/** Milliseconds, for people. */
export const ms = (milliseconds) => `${milliseconds.toFixed(1)} ms`

/** The number below which such a part of them lies. */
export function percentile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}

export const median = (numbers) => percentile(numbers, 0.5)
