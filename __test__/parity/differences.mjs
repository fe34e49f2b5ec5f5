import { existsSync, readFileSync } from 'node:fs'

/** The deliberate differences: name → the scenarios that show it. The only list of exceptions. */
export function readDifferences(file) {
  const named = new Map()
  if (!existsSync(file)) return named
  for (const section of readFileSync(file, 'utf8').split(/^(?=#{1,3} )/m)) {
    const [, name] = /^### (\S+)\s*$/m.exec(section) ?? []
    const [, list] = /^Scenarios: ((?:.+\n?)+)/m.exec(section) ?? []
    if (!name || !list) continue
    const scenarios = list.split(/[\s,]+/).map((one) => one.replace(/[`.]/g, ''))
    named.set(name, scenarios.filter(Boolean))
  }
  return named
}

export function nameOf(differences, scenario) {
  for (const [name, scenarios] of differences) if (scenarios.includes(scenario)) return name
  return null
}
