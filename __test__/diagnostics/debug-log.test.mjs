import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Child } from '../support/child.mjs'

const require = createRequire(import.meta.url)
const { isEnabled } = require('../../lib/diagnostics/debug.js')
const {
  formatBytes,
  formatDuration,
  describeClose,
} = require('../../lib/diagnostics/close-reason.js')
const { summarize } = require('../../lib/diagnostics/payload-summary.js')

const program = fileURLToPath(new URL('./logged-connections.mjs', import.meta.url))

async function run(DEBUG, more = {}) {
  const child = new Child(process.execPath, [program], { env: { DEBUG, ...more } })
  const { code } = await child.exit
  assert.equal(code, 0, child.stderr)
  return child.stderr.split('\n').filter((line) => line.includes('vite-native-ws:'))
}

test('DEBUG=vite-native-ws:* says who, what and why', async () => {
  const lines = await run('vite-native-ws:*')
  const firefox = String.raw`client \d+ \(127\.0\.0\.1, Firefox 151\)`
  for (const expected of [
    String.raw`:upgrade accepted upgrade from 127\.0\.0\.1, Firefox 151$`,
    `:connection ${firefox} connected, adopted; 1 client$`,
    String.raw`:broadcast update /src/main\.js \(\d+ B\) to 1 client$`,
    String.raw`:upgrade refused upgrade from 127\.0\.0\.1, Firefox 151 for /: token mismatch$`,
    `:keepalive ${firefox} was silent: pinged$`,
    String.raw`:keepalive ${firefox} answered the ping after [\d.]+ ms$`,
    String.raw`:connection ${firefox} closed 1001 after \w+: page unload$`,
    String.raw`:outbox client \d+ \(127\.0\.0\.1\) does not read: \d+ messages? dropped, .+ queued; it will be told to reload$`,
    String.raw`:outbox client \d+ \(127\.0\.0\.1\) reads again; \d+ messages? had been dropped$`,
    String.raw`:reload client \d+ \(127\.0\.0\.1\) is to reload: it did not read, and \d+ messages had been dropped$`,
    String.raw`:connection client \d+ \(127\.0\.0\.1\) closed 1006 after \w+: connection lost without a close frame$`,
  ]) {
    assert.ok(
      lines.some((line) => new RegExp(expected).test(line)),
      `${expected}\nin\n${lines.join('\n')}`,
    )
  }
  assert.ok(!lines.join('').includes('the-secre'), 'no token, right or wrong')
  assert.match(lines[0], /^\d{4}-\d\d-\d\dT[\d:.]+Z vite-native-ws:\w+ /)
})

test('a part of it can be asked for, and nothing is written unasked', async () => {
  const some = await run('vite:*,vite-native-ws:*,-vite-native-ws:broadcast')
  assert.ok(some.length > 0)
  assert.ok(some.every((line) => !line.includes('vite-native-ws:broadcast')))
  assert.deepEqual(await run('vite:*'), [])
  const colored = await run('vite-native-ws:upgrade', { DEBUG_COLORS: '1' })
  const [start, end] = colored[0].split(':upgrade ')
  assert.equal(start.replace('\u001b', 'ESC').replace(/3\d/, '3N'), '  ESC[3N;1mvite-native-ws')
  assert.match(end.replaceAll('\u001b', 'ESC'), /^ESC\[0m.+ ESC\[3\dm\+\d+m?sESC\[0m$/)
})

test('names are matched by the rules of the package debug', () => {
  const name = 'vite-native-ws:outbox'
  for (const yes of ['*', name, 'a,vite-native-ws:*', 'vite:* vite-native-ws:out*', '*:outbox']) {
    assert.ok(isEnabled(name, yes), yes)
  }
  for (const no of [
    '',
    'vite:*',
    'vite-native-ws',
    '*,-*:outbox',
    `-${name} *`,
    'vite-native-ws.*',
  ]) {
    assert.ok(!isEnabled(name, no), no)
  }
})

test('durations, sizes and ends are written for people', () => {
  assert.deepEqual([0, 999, 1000, 192_000, 3_600_000, 3_661_000].map(formatDuration), [
    '0ms',
    '999ms',
    '1s',
    '3m12s',
    '1h',
    '1h1m1s',
  ])
  assert.deepEqual([0, 1023, 1024, 8.5 * 1024 ** 2].map(formatBytes), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '8.5 MiB',
  ])
  assert.equal(describeClose(1001, ''), 'page unload')
  assert.equal(
    describeClose(1006, '', { disconnectReason: 'keepaliveTimeout' }),
    'no answer to a keepalive ping',
  )
  const broken = { disconnectReason: 'protocolError', errorCode: 'WS_ERR_INVALID_UTF8' }
  assert.equal(describeClose(1007, '', broken), 'it broke the protocol, WS_ERR_INVALID_UTF8')
  assert.equal(describeClose(4321, 'bye\n'), 'a code of its own ("bye\\n")')
})

test('a payload is named by its type and what it is about', () => {
  const of = (payload) => Object.values(summarize(JSON.stringify(payload))).join(' ')
  assert.equal(of({ type: 'custom', event: 'my:event', data: 'x'.repeat(1e6) }), 'custom my:event')
  const updates = [1, 2, 3, 4, 5].map((number) => ({ path: `/${number}.js` }))
  assert.equal(of({ type: 'update', updates }), 'update /1.js, /2.js, /3.js, 2 more')
  assert.equal(of({ type: 'error', err: { message: 'bad\nworse' } }), 'error bad')
  assert.equal(of({ type: 'full-reload', path: '*' }), 'full-reload *')
  assert.equal(of({ no: 'type' }), 'text ')
  assert.deepEqual(summarize('junk'), { type: 'text', about: '' })
  assert.deepEqual(summarize('{"type":"update","updates":"x"}'), { type: 'update', about: '' })
})
