import { writeFileSync } from 'node:fs'
import { number } from './table.mjs'

const PANELS = [
  { metric: 'fan-out: main thread until free again', title: 'Main thread busy per send()' },
  { metric: 'fan-out: last client has it', title: 'Last client has it' },
]
const CASES = ['1 × 150 B', '100 × 4 KiB', '1000 × 150 B', '1000 × 64 KiB', '5000 × 150 B']
const COLORS = { vite: '#9468f0', bun: '#d9a441', ours: '#2a9d68', raw: '#9aa3ad' }
const NAMES = { vite: 'Vite', bun: 'Bun', ours: 'vite-native-ws', raw: 'one write() per client' }
const IN_MICROSECONDS = { µs: 1, ms: 1000 }

const BAR = 11
const CASE_GAP = 16
const LABELS = 110
const BARS = 250
const PANEL = LABELS + BARS + 70
const TOP = 78

/**
 * Draws the two figures that matter most, on a logarithmic scale.
 *
 * @param {import('./ledger.mjs').Ledger} ledger
 * @param {string} file
 */
export function drawPlot(ledger, file) {
  const panels = PANELS.map((panel) => ({ ...panel, rows: rowsOf(ledger, panel.metric) }))
  if (panels.some(({ rows }) => rows.length === 0)) {
    throw new Error('there is nothing to draw: the plot needs the scenario fan-out')
  }
  const height = TOP + Math.max(...panels.map(({ rows }) => heightOf(rows))) + 10
  const body = panels.map((panel, place) => renderPanel(panel, place * PANEL))
  writeFileSync(
    file,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${PANEL * 2} ${height}" ` +
      `font-family="system-ui, sans-serif" font-size="11" fill="#6b7480">\n` +
      '<title>Broadcasts by Vite, Bun, vite-native-ws and one thread that only writes</title>\n' +
      `${legend()}\n${body.join('\n')}\n</svg>\n`,
  )
}

function rowsOf(ledger, metric) {
  const unit = IN_MICROSECONDS[ledger.sheets.get(metric)?.metric.unit]
  return CASES.map((label) => ({
    label,
    bars: Object.keys(COLORS).flatMap((kind) => {
      const median = ledger.median(metric, label, kind)
      return median === undefined ? [] : [{ kind, value: median * unit }]
    }),
  })).filter(({ bars }) => bars.length > 0)
}

function heightOf(rows) {
  return rows.reduce((sum, { bars }) => sum + bars.length * BAR + CASE_GAP, 0)
}

function legend() {
  let x = 10
  return Object.entries(NAMES)
    .map(([kind, name]) => {
      const item =
        `<rect x="${x}" y="14" width="10" height="10" rx="2" fill="${COLORS[kind]}"/>` +
        `<text x="${x + 15}" y="23">${name}</text>`
      x += 40 + name.length * 6.5
      return item
    })
    .join('\n')
}

function renderPanel({ title, rows }, left) {
  const values = rows.flatMap(({ bars }) => bars.map(({ value }) => value))
  const floor = Math.min(...values) / 2
  const scale = BARS / Math.log10(Math.max(...values) / floor)
  const parts = [
    `<text x="${left + 10}" y="54" font-size="14" font-weight="600">${title}</text>`,
    `<text x="${left + 10}" y="69">shorter is better; logarithmic</text>`,
  ]
  let y = TOP
  for (const { label, bars } of rows) {
    const middle = y + (bars.length * BAR) / 2 + 4
    parts.push(`<text x="${left + LABELS - 8}" y="${middle}" text-anchor="end">${label}</text>`)
    for (const { kind, value } of bars) {
      const width = (Math.log10(value / floor) * scale).toFixed(1)
      parts.push(
        `<rect x="${left + LABELS}" y="${y}" width="${width}" height="${BAR - 2}" rx="2" ` +
          `fill="${COLORS[kind]}"/>`,
        `<text x="${left + LABELS + Number(width) + 5}" y="${y + 8}" font-size="9">` +
          `${duration(value)}</text>`,
      )
      y += BAR
    }
    y += CASE_GAP
  }
  return parts.join('\n')
}

function duration(microseconds) {
  if (microseconds < 1000) return `${number(microseconds, 2)} µs`
  return `${number(microseconds / 1000, 2)} ms`
}
