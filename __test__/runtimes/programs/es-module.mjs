// Loaded as an ES module; the process is to end by itself.
import assert from 'node:assert/strict'
import nativeWs, { createWebSocketServer, nativeWs as named } from 'vite-native-ws'
import { converse, EXPECTED } from './conversation.cjs'

assert.equal(nativeWs, named)
assert.equal(nativeWs().name, 'vite-native-ws')
for (const transport of ['auto', 'bridge']) {
  assert.deepEqual(await converse(createWebSocketServer, { transport }), EXPECTED)
}
