/** One line a row, one column a version of Node. */
export function renderTable(cells, rows, places) {
  const width = Math.max(...rows.map(({ name }) => name.length))
  const title = ({ version }) => `Node ${version}`.padEnd(14)
  const lines = [`${'runner'.padEnd(width)}  ${places.map(title).join('')}`]
  for (const row of rows) {
    const words = cells
      .filter((cell) => cell.row === row)
      .map(({ verdict }) => verdict.word.padEnd(14))
    lines.push(`${row.name.padEnd(width)}  ${words.join('')}`)
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** What was measured, why a cell was left out, and how one failed. */
export function renderRemarks(cells) {
  const remarks = new Map()
  for (const { row, place, verdict } of cells) {
    const text = verdict.why ?? verdict.remark
    if (!text) continue
    const title = `${row.name} ${verdict.word}\n${indent(text)}`
    remarks.set(title, [...(remarks.get(title) ?? []), place.version])
  }
  return [...remarks]
    .map(([text, versions]) => text.replace('\n', ` (Node ${versions.join(', ')})\n`))
    .map((text) => `\n${text}`)
    .join('')
}

function indent(text) {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}
