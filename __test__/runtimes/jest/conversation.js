const { createWebSocketServer, nativeWs } = require('vite-native-ws')
const { converse, EXPECTED } = require('../programs/conversation.cjs')

// Required by several test files: each has a global object of its own.
module.exports = () => {
  test('a client is answered', async () => {
    expect(await converse(createWebSocketServer)).toEqual(EXPECTED)
  }, 30000)

  test('a client is answered over the bridge', async () => {
    expect(await converse(createWebSocketServer, { transport: 'bridge' })).toEqual(EXPECTED)
  }, 30000)

  test('options are checked', () => {
    expect(() => nativeWs({ keepalive: 'x' })).toThrow('option "keepalive" must be a whole number')
    expect(nativeWs({ keepalive: 1000 }).name).toBe('vite-native-ws')
  })
}
