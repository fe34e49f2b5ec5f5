const SHORT = { vite: 'own', adopted: 'adopt', bridged: 'bridge', again: 'again' }
const LONGEST = 1200

/** The table itself; what its short words mean stands below it. */
export function renderTable(cells, scenarios, columns) {
  const width = Math.max(8, ...scenarios.map((scenario) => scenario.name.length))
  const head = columns.map(({ major, column }) => `${major} ${SHORT[column]}`.padEnd(9))
  const lines = [`${'scenario'.padEnd(width)}  ${head.join('')}`]
  for (const scenario of scenarios) {
    const row = columns.map(({ major, column }) =>
      cells.get(`${major} ${column} ${scenario.name}`).word.padEnd(9),
    )
    lines.push(`${scenario.name.padEnd(width)}  ${row.join('')}`)
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** Why cells are not applicable, one line a reason. */
export function renderReasons(cells) {
  const reasons = new Map()
  for (const [key, { word, why }] of cells) {
    if (word !== '-') continue
    const [major, , name] = key.split(' ')
    const line = `${name}: ${why}`
    reasons.set(line, (reasons.get(line) ?? new Set()).add(major))
  }
  return [...reasons]
    .map(([line, majors]) => `- Vite ${[...majors].join(', ')}, ${line}`)
    .join('\n')
}

/** What failed or differs and how, once for all the cells that say the same. */
export function gatherRemarks(cells, verbose) {
  const remarks = new Map()
  for (const [key, cell] of cells) {
    if (cell.word !== 'fails' && cell.word !== 'differs') continue
    const [major, column, name] = key.split(' ')
    const title = `${name} ${cell.word}${cell.name ? `, named ${cell.name}` : ''}`
    const text = `${title}\n${cell.word === 'fails' ? failure(cell, verbose) : changes(cell)}`
    remarks.set(text, [...(remarks.get(text) ?? []), `${major} ${SHORT[column]}`])
  }
  return [...remarks]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([text, where]) => text.replace('\n', ` (${where.join(', ')})\n`))
    .join('\n')
}

function failure({ why, result }, verbose) {
  if (!verbose) return indent(why.replace(/\n +at (?!.*\/scenarios\/).*/g, ''))
  const log = result?.log?.map(({ level, text }) => `log ${level}: ${text}`) ?? []
  return indent([why, ...log].join('\n'))
}

function changes(cell) {
  return cell.changes
    .map(({ key, expected, actual }) =>
      [`    ${key}`, `      own:  ${show(expected)}`, `      ours: ${show(actual)}`].join('\n'),
    )
    .join('\n')
}

function show(value) {
  const text = value === undefined ? '<not observed>' : JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length})` : text
}

function indent(text) {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}
