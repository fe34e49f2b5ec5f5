// The binary of this platform, wherever it runs: it loads, carries messages both ways, and lets
// the process end. What a release asks of every binary that it publishes.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import WebSocket from 'ws'

const require = createRequire(import.meta.url)
const { createWebSocketServer } = require('../../lib/index.js')
const { WebSocketServer } = require('../../lib/ws/index.js')

/** On Windows a socket has no file descriptor to take over. */
const TRANSPORT = process.platform === 'win32' ? 'bridged' : 'adopted'

const message = async (client) => JSON.parse((await once(client, 'message'))[0])

const binaries = () => Object.keys(require.cache).filter((file) => file.endsWith('.node'))

test('the binary is the one built for this platform, and loaded when first needed', () => {
  assert.deepEqual(binaries(), [])
  new WebSocketServer({ noServer: true }).close()
  const name = `vite-native-ws\\.${process.platform}-${process.arch}(-\\w+)?\\.node$`
  assert.match(binaries()[0], new RegExp(name))
})

test('messages both ways, and an end', { timeout: 60_000 }, async () => {
  const server = http.createServer()
  const ws = createWebSocketServer(server, {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`, 'vite-hmr')
  assert.deepEqual(await message(client), { type: 'connected' })
  assert.equal(ws.stats()[TRANSPORT], 1)

  const data = 'ü'.repeat(100_000)
  ws.on('test:question', (question, { send }) => send('test:answer', question))
  client.send(JSON.stringify({ type: 'custom', event: 'test:question', data }))
  assert.deepEqual(await message(client), { type: 'custom', event: 'test:answer', data })

  ws.send({ type: 'full-reload' })
  assert.deepEqual(await message(client), { type: 'full-reload' })
  const closed = once(client, 'close')
  await ws.close()
  await closed
  await new Promise((resolve) => server.close(resolve))
})
