import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { compare, loadScenarios } from './comparison.mjs'
import { CLIENT_ONLY, MEMBERS } from './members.mjs'

const scenarios = await loadScenarios()

describe('the API of ws', () => {
  for (const scenario of scenarios) {
    it(scenario.name, async () => {
      for (const { name, word, why } of await compare(scenario)) {
        if (word === 'fails') throw new Error(`${name}: ${why.message}`, { cause: why })
      }
    })
  }
})

describe('the list of members', () => {
  it('has a test for each member that a server has', () => {
    const shown = new Set(scenarios.flatMap(({ members }) => members))
    const missing = MEMBERS.filter((member) => !shown.has(member) && !CLIENT_ONLY.has(member))
    assert.deepEqual(missing, [])
  })

  it('knows each member that a test names', () => {
    const named = scenarios.flatMap(({ members }) => members)
    const unknown = named.filter((member) => !MEMBERS.includes(member))
    assert.deepEqual(unknown, [])
  })

  it('has each difference in docs/differences.md', () => {
    const document = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8')
    const names = scenarios.flatMap(({ differs }) => (differs ? [differs.name] : []))
    const missing = [...new Set(names)].filter((name) => !document.includes(`### ${name}\n`))
    assert.deepEqual(missing, [])
  })
})
