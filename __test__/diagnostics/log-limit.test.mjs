// What clients can cause to be logged, and what a look at their texts costs.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { upgradeRequest } from '../support/handshake.mjs'
import { rawAnswer } from '../support/raw-socket.mjs'
import { serve } from '../support/server.mjs'

const require = createRequire(import.meta.url)
const { agentOf, nameOf } = require('../../lib/diagnostics/client-info.js')
const { LogLimit } = require('../../lib/diagnostics/log-limit.js')
const { parseProtocols } = require('../../lib/http/handshake.js')

/** As long as Node lets a header be. */
const LONG = 15_000

test('lines above the rate are left out and counted', () => {
  const limit = new LogLimit()
  const taken = (now, count) => Array.from({ length: count }, () => limit.take(now))
  assert.deepEqual(taken(1000, 20), Array(20).fill(0), 'a burst')
  assert.deepEqual(taken(1001, 500), Array(500).fill(undefined))
  assert.equal(limit.take(1501), 500, 'the next one says how many')
  assert.equal(limit.take(1501), undefined)
  assert.equal(limit.take(2001), 1)
  assert.deepEqual(taken(3_600_000, 21), [...Array(20).fill(0), undefined], 'no more is saved up')
})

test('browsers are known by their user agents', () => {
  const webkit =
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)'
  for (const [agent, name] of [
    [`${webkit} Version/26.1 Safari/605.1.15`, 'Safari 26'],
    [`${webkit} Chrome/156.0.0.0 Safari/537.36`, 'Chrome 156'],
    [`${webkit} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0`, 'Edge 156'],
    [`${webkit} Version/26.1`, ''],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0', 'Firefox 151'],
    ['node', 'Node'],
    ['', ''],
  ]) {
    assert.equal(nameOf(agentOf({ 'user-agent': agent })), name, agent)
  }
})

test('blanks around subprotocols do not count, however many', () => {
  const blanks = ' \t'.repeat(LONG / 2)
  assert.deepEqual([...parseProtocols(` a,${blanks}b${blanks}`)], ['a', 'b'])
  // A pattern that begins anew at each blank takes the square of their number, at each of these.
  const many = Array.from({ length: 200 }, () => `a${blanks}b`).join(',')
  assert.equal(parseProtocols(many), undefined)
})

test('a crafted user agent costs no more than its length', async (t) => {
  const { DEBUG } = process.env
  t.after(() => {
    if (DEBUG === undefined) delete process.env.DEBUG
    else process.env.DEBUG = DEBUG
  })
  process.env.DEBUG = 'vite-native-ws:upgrade'
  const lines = []
  t.mock.method(process.stderr, 'write', (line) => lines.push(line) > 0)
  const { port } = await serve(t)
  const headers = { Host: 'evil.example', 'User-Agent': `Version/${'1'.repeat(LONG)}` }
  // Tried at each digit anew, this would outlast the deadline by far.
  assert.match(await rawAnswer(port, upgradeRequest({ headers })), /^HTTP\/1\.1 400 /)
  for (let count = 0; count < 60; count++) await rawAnswer(port, upgradeRequest({ headers }))
  const written = lines.filter((line) => line.includes('refused upgrade')).length
  assert.ok(written >= 20 && written < 60, `${written} of 61 lines`)
})
