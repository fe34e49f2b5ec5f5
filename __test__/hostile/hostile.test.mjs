import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { CATALOGUE } from './catalogue.mjs'
import { compareServers } from './comparison.mjs'
import { TARGETS } from './server-process.mjs'

const AT_LEAST = 300
const DEADLY_TO_VITE = 6

describe('hostile inputs', () => {
  let comparison

  before(async () => {
    comparison = await compareServers({ targets: Object.keys(TARGETS) })
  })

  const failures = (target) =>
    comparison.results
      .filter((result) => result.target === target && result.verdict === 'FAILED')
      .map(({ hostile, reason }) => `${hostile.id}: ${reason}`)

  it(`are ${AT_LEAST} or more, each with a name of its own`, () => {
    assert.ok(CATALOGUE.length >= AT_LEAST)
    assert.equal(new Set(CATALOGUE.map(({ id }) => id)).size, CATALOGUE.length)
  })

  it("include some that end the process of Vite's own server", () => {
    assert.ok(comparison.deaths.get('vite') >= DEADLY_TO_VITE)
  })

  for (const target of ['adopted', 'bridged']) {
    it(`get Vite's answer or a documented one on ${target} connections, and harm nobody`, () => {
      assert.deepEqual(failures(target), [])
      assert.equal(comparison.deaths.get(target), 0)
    })
  }
})
