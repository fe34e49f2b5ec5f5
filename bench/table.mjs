const COMPARED = ['vite', 'raw', 'bun'].map((kind) => ['ours', kind])

/**
 * The figures as text: a table for each metric, a line for each case.
 *
 * @param {import('./ledger.mjs').Ledger} ledger
 * @param {string[]} kinds In the order of the columns.
 */
export function renderTables(ledger, kinds) {
  const blocks = Array.from(ledger.sheets.values(), (sheet) => renderSheet(ledger, sheet, kinds))
  return blocks.join('\n\n')
}

function renderSheet(ledger, { metric, cases }, kinds) {
  const isPresent = (kind) => Array.from(cases.values()).some((servers) => servers.has(kind))
  const columns = (metric.columns ?? kinds).filter(isPresent)
  const compared = (metric.compared ?? COMPARED).filter((pair) =>
    pair.every((kind) => columns.includes(kind)),
  )
  const head = ['', ...columns, ...compared.map((pair) => pair.join('/'))]
  const rows = Array.from(cases.keys(), (label) => [
    label,
    ...columns.map((kind) => cell(ledger.summary(metric.name, label, kind), metric)),
    ...compared.map((pair) => share(ledger.ratio(metric.name, label, ...pair))),
  ])
  return `${metric.name} (${metric.unit}; median [min max])\n${align([head, ...rows])}`
}

function cell(summary, { digits = 3 }) {
  if (!summary) return '-'
  const [median, min, max] = [summary.median, summary.min, summary.max].map((value) =>
    number(value, digits),
  )
  return summary.values.length === 1 ? median : `${median} [${min} ${max}]`
}

/** Significant digits, without an exponent. */
export function number(value, digits = 3) {
  if (value === 0) return '0'
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(decimals, 4))
}

function share(ratio) {
  if (ratio === undefined) return '-'
  return ratio < 0.02 && ratio > 0 ? `1/${Math.round(1 / ratio)}` : number(ratio, 3)
}

/** @param {string[][]} rows */
export function align(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const line = (row) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd()
  return rows.map((row) => `  ${line(row)}`).join('\n')
}
