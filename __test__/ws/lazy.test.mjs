// A connection that no plugin looks at costs no WebSocket object.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const require = createRequire(import.meta.url)

// Every server gets the class from this module, so a class that counts takes its place first.
const path = require.resolve('../../lib/ws/websocket.js')
const WebSocket = require(path)
let made = 0
require.cache[path].exports = class Counted extends WebSocket {
  constructor(...args) {
    super(...args)
    made++
  }
}
const { Client } = await import('../support/client.mjs')
const { until } = await import('../support/deadline.mjs')
const { serve, TRANSPORTS } = await import('../support/server.mjs')

for (const { transport, counted } of TRANSPORTS) {
  test(`connections that nobody looks at have no WebSocket (${counted})`, async (t) => {
    made = 0
    const { ws, port } = await serve(t, { options: { transport } })
    const heard = []
    const gone = []
    ws.on('my:event', (data, client) => {
      heard.push(data)
      client.send('my:reply', data)
    })
    ws.on('vite:client:disconnect', () => gone.push(true))
    const clients = await Promise.all(Array.from({ length: 5 }, () => Client.connect(port)))
    for (const [number, client] of clients.entries()) {
      client.emit('my:event', number)
      assert.deepEqual((await client.next()).data, number)
      client.socket.ping('still there?')
      await once(client.socket, 'pong')
    }
    ws.send('my:broadcast', 1)
    for (const client of clients) await client.text()
    for (const client of ws.clients) client.send('my:single', 2)
    for (const client of clients) await client.text()
    for (const client of clients) client.socket.close(1000)
    await until(() => gone.length === 5, 'the disconnects')
    assert.equal(heard.length, 5)
    assert.equal(ws.stats()[counted], 5)
    assert.equal(made, 0)
  })

  test(`a WebSocket is made once, when somebody looks (${counted})`, async (t) => {
    made = 0
    const { ws, port } = await serve(t, { options: { transport } })
    const first = await Client.connect(port)
    await Client.connect(port)
    const [client] = ws.clients
    assert.equal(made, 0)
    assert.equal(client.socket, client.socket)
    assert.equal(client.socket.readyState, WebSocket.OPEN)
    assert.equal(made, 1)
    ws.on('connection', () => {})
    await Client.connect(port)
    assert.equal(made, 2)
    first.socket.close()
  })
}
