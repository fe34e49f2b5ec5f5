'use strict'

// Loaded by require; the process is to end by itself.
const assert = require('node:assert/strict')
const { createWebSocketServer, default: nativeWs, nativeWs: named } = require('vite-native-ws')
const { converse, EXPECTED } = require('./conversation.cjs')

assert.equal(nativeWs, named)
assert.equal(nativeWs().name, 'vite-native-ws')
converse(createWebSocketServer).then((seen) => assert.deepEqual(seen, EXPECTED))
