import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPassed, runCatalogue } from './catalogue-run.mjs'

describe('protocol conformance', () => {
  for (const target of ['adopted', 'bridged']) {
    it(`answers every case of the Autobahn catalogue on ${target} connections`, async () => {
      const results = await runCatalogue(target)
      const failed = results.filter((result) => !isPassed(result))
      assert.deepEqual(
        failed.map(({ scenario, verdict, reason }) => `${scenario.id} ${verdict} ${reason}`),
        [],
      )
    })
  }
})
