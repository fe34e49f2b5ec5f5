// The check names what breaks a connection, and its remedy mends it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as terminal from '../../lib/check/dial.mjs'
import { examine } from '../../lib/check/page/examination.mjs'
import { CASES } from './cases.mjs'

const PATIENCE_MS = 2_000
/** Above the limit of the proxy that cuts silent connections. */
const WATCH_MS = 1_600

test('what breaks a connection is named, and the remedy mends it', {
  concurrency: 4,
}, async (t) => {
  const tests = CASES.map(({ name, cause, sentence, remedy, break: breakIt }) =>
    t.test(name, async (t) => {
      const { address, mend } = await breakIt(t)
      const { facts, diagnosis } = await examine(address, terminal, { patience: PATIENCE_MS })
      assert.equal(diagnosis.cause, cause, JSON.stringify({ diagnosis, facts }, null, 2))
      assert.match(diagnosis.sentence, sentence)
      assert.ok(diagnosis.remedy.length > 0)
      if (remedy) assert.match(diagnosis.remedy.join('\n'), remedy)
      const mended = (await mend(diagnosis.remedy)) ?? address
      const after = await examine(mended, terminal, { watch: WATCH_MS, patience: PATIENCE_MS })
      assert.equal(after.diagnosis.cause, 'connected', JSON.stringify(after, null, 2))
    }),
  )
  await Promise.all(tests)
})
