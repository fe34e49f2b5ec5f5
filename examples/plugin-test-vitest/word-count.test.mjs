import { createServer } from 'vite'
import nativeWs from 'vite-native-ws'
import { connectTestClient, startTestServer } from 'vite-native-ws/testing'
import { expect, onTestFinished, test } from 'vitest'
import wordCount, { answerQuestions } from './word-count.mjs'

test('answers the client that asks', async () => {
  const server = await startTestServer()
  onTestFinished(() => server.close())
  answerQuestions(server.ws)
  const client = await server.connect()
  client.send('count:ask', { text: 'one two  three' })
  expect(await client.next('count:answer')).toEqual({ words: 3 })
})

test('tells every client, and answers only one', async () => {
  const server = await startTestServer()
  onTestFinished(() => server.close())
  answerQuestions(server.ws)
  const [asking, other] = [await server.connect(), await server.connect()]
  asking.send('count:ask', { text: '' })
  // What is sent to a client arrives in order: after this nothing else is on its way.
  expect(await other.next('count:asked')).toEqual({ asked: 1 })
  expect(other.received.map(({ event }) => event)).not.toContain('count:answer')
})

test('is at work in a dev server', { timeout: 30_000 }, async () => {
  const vite = await createServer({
    configFile: false,
    logLevel: 'error',
    plugins: [nativeWs(), wordCount()],
    server: { host: '127.0.0.1', port: 0, watch: null },
  })
  onTestFinished(() => vite.close())
  await vite.listen()
  const client = await connectTestClient(vite)
  client.send('count:ask', { text: 'hot module replacement' })
  expect(await client.next('count:answer')).toEqual({ words: 3 })
})
