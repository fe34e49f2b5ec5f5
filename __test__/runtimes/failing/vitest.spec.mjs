import { startTestServer } from 'vite-native-ws/testing'
import { test } from 'vitest'

test('waits in vain', async () => {
  const server = await startTestServer()
  const client = await server.connect()
  await client.next('never', { timeout: 50 }).finally(() => server.close())
})
