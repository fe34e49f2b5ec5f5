// The text of "Copy report": whatever names say, a table stays a table.
import assert from 'node:assert/strict'
import { test } from 'node:test'

globalThis.navigator ??= { userAgent: 'a browser' }
const { reportOf } = await import('../../lib/inspector/page/report.mjs')

const NAMES = [
  'a\nb',
  'a\r\nb',
  'a\u2028b',
  'a\u2029b',
  'a\u0085b',
  'a|b',
  'a\\|b',
  'a\n| --- |\nb',
]

for (const name of NAMES) {
  test(`an event named ${JSON.stringify(name)} stays in its cell`, () => {
    const columns = (line) => line.match(/(?<!\\)\|/g).length
    const report = reportOf({
      about: { version: '1', vite: '8', node: '20', platform: 'x', options: {} },
      stats: { refusals: {}, closes: {}, session: 'session', uptime: 1 },
      clients: [],
      gone: [{ id: 1, name, code: 1006, why: name }],
      entries: [{ time: 0, way: 'in', type: 'custom', about: name, size: 1, client: 1 }],
    })
    const lines = report.split(/[\n\r\u0085\u2028\u2029]/)
    const [timeline] = lines.slice(lines.findIndex((line) => line.startsWith('| time |')) + 2)
    assert.equal(columns(timeline), 8)
    assert.ok(timeline.startsWith('| ') && timeline.endsWith(' |'))
    assert.equal(lines.filter((line) => line.startsWith('| 1 |')).length, 1)
  })
}
