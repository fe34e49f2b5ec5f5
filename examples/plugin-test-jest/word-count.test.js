const { fork } = require('node:child_process')
const { once } = require('node:events')
const { connectTestClient, startTestServer } = require('vite-native-ws/testing')
const { answerQuestions } = require('./word-count.js')

let server
beforeEach(async () => {
  server = await startTestServer()
  answerQuestions(server.ws)
})
afterEach(() => server.close())

test('answers the client that asks', async () => {
  const client = await server.connect()
  client.send('count:ask', { text: 'one two  three' })
  expect(await client.next('count:answer')).toEqual({ words: 3 })
})

test('tells every client, and answers only one', async () => {
  const [asking, other] = [await server.connect(), await server.connect()]
  asking.send('count:ask', { text: '' })
  // What is sent to a client arrives in order: after this nothing else is on its way.
  expect(await other.next('count:asked')).toEqual({ asked: 1 })
  expect(other.received.map(({ event }) => event)).not.toContain('count:answer')
})

test('is at work in a dev server', async () => {
  const vite = fork(require.resolve('./dev-server.mjs'))
  const exited = once(vite, 'exit')
  const [url] = await once(vite, 'message')
  const client = await connectTestClient(url)
  client.send('count:ask', { text: 'hot module replacement' })
  expect(await client.next('count:answer')).toEqual({ words: 3 })
  await client.close()
  vite.disconnect()
  await exited
}, 30_000)
