import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const require = createRequire(import.meta.url)
const { copyBeginning } = require('../../lib/inspector/payload-copy.js')
const { Ring } = require('../../lib/inspector/ring.js')

const SECRET = 'a-secret-of-some-length'

test('no part of a secret is left, wherever the copy ends', () => {
  const text = `before ${SECRET} after`
  for (let most = 0; most <= text.length; most++) {
    const copy = String(copyBeginning(text, most, [SECRET]))
    assert.ok(copy.length <= most)
    assert.equal(copy, 'before [token] after'.slice(0, most))
  }
})

test('a copy ends with a whole character, and has memory of its own', () => {
  const copy = copyBeginning('ä'.repeat(10), 5, [])
  assert.equal(String(copy), 'ää')
  assert.equal(copy.buffer.byteLength, 5)
})

test('a ring forgets the oldest for the number and for the bytes', () => {
  const ring = new Ring({ most: 3, mostBytes: 100 })
  for (let seq = 1; seq <= 5; seq++) ring.push({ seq }, 10)
  assert.deepEqual(ring.toArray(), [{ seq: 3 }, { seq: 4 }, { seq: 5 }])
  ring.push({ seq: 6 }, 85)
  assert.deepEqual([ring.toArray(), ring.bytes], [[{ seq: 5 }, { seq: 6 }], 95])
  ring.push({ seq: 7 }, 101)
  assert.deepEqual([ring.size, ring.bytes, ring.get(6)], [0, 0, undefined])
})
