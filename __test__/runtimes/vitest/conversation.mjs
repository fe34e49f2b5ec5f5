import { createWebSocketServer, nativeWs } from 'vite-native-ws'
import { expect, test } from 'vitest'
import { converse, EXPECTED } from '../programs/conversation.cjs'

const WITHIN = 30_000

/** Called by several test files: each has its own modules, and in some pools its own thread. */
export function testConversation() {
  test('a client is answered', { timeout: WITHIN }, async () => {
    expect(await converse(createWebSocketServer)).toEqual(EXPECTED)
  })

  test('a client is answered over the bridge', { timeout: WITHIN }, async () => {
    expect(await converse(createWebSocketServer, { transport: 'bridge' })).toEqual(EXPECTED)
  })

  test('options are checked', () => {
    expect(() => nativeWs({ keepalive: 'x' })).toThrow('option "keepalive" must be a whole number')
    expect(nativeWs({ keepalive: 1000 }).name).toBe('vite-native-ws')
  })
}
