import { geometricMean } from './ledger.mjs'

/**
 * What this package promises, and how it is found in the figures. A value of `undefined` says that
 * the run did not measure it.
 *
 * @typedef {{ promise: string, most: number, value: number | undefined }} Target
 */

/** @param {string} promise @param {number} most @param {number | undefined} value @returns {Target} */
export function target(promise, most, value) {
  return { promise, most, value }
}

/** The cases of a metric. @param {import('./ledger.mjs').Ledger} ledger @param {string} metric */
export function casesOf(ledger, metric) {
  return [...(ledger.sheets.get(metric)?.cases.keys() ?? [])]
}

/** The largest of the values that there are. */
export function worstOf(labels, read) {
  const values = labels.map(read).filter((value) => value !== undefined)
  return values.length > 0 ? Math.max(...values) : undefined
}

/** The geometric mean of those that there are. */
export function meanOf(ratios) {
  const values = ratios.filter((value) => value !== undefined)
  return values.length > 0 ? geometricMean(values) : undefined
}

export function quotient(value, other) {
  return value === undefined || other === undefined ? undefined : value / other
}
