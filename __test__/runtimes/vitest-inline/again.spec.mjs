import { expect, test, vi } from 'vitest'

test.for([1, 2, 3])('the package is evaluated for the %sth time', async () => {
  vi.resetModules()
  const { startTestServer } = await import('vite-native-ws/testing')
  const { nativeWs } = await import('vite-native-ws')
  const { WebSocketServer } = await import('vite-native-ws/ws')
  expect(nativeWs().name).toBe('vite-native-ws')
  expect(WebSocketServer).toBeTypeOf('function')
  const server = await startTestServer()
  server.ws.on('ask', (data, client) => client.send('answer', data))
  const client = await server.connect()
  client.send('ask', 1)
  expect(await client.next('answer')).toBe(1)
  await client[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})
