import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import http from 'node:http'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Child } from '../support/child.mjs'
import { Client } from '../support/client.mjs'
import { until, within } from '../support/deadline.mjs'
import { freePort, listen } from '../support/port.mjs'
import { entry, serve, TRANSPORTS } from '../support/server.mjs'

const { createWebSocketServer } = entry

for (const { transport, counted } of TRANSPORTS) {
  test(`1,000 connections leave no descriptor behind (${counted})`, async (t) => {
    const { ws, port } = await serve(t, { options: { transport } })
    const cycle = async (ending) => {
      const client = await Client.connect(port)
      if (ending === 0) client.socket.close()
      else if (ending === 1) client.socket.terminate()
      else for (const peer of ws.clients) peer.socket.terminate()
      await within(client.closed, 'the end of a client')
    }
    for (let round = 0; round < 20; round++) await cycle(round % 3)
    await until(() => ws.clients.size === 0, 'the first clients to be gone')
    const before = countDescriptors()
    for (let round = 0; round < 1000; round++) await cycle(round % 3)
    await until(() => ws.clients.size === 0, 'all clients to be gone')
    await until(() => countDescriptors() <= before, 'the descriptors to be closed')
    assert.equal(ws.stats()[counted], 1020)
  })

  test(`a process without Vite serves a raw client and ends by itself (${counted})`, async (t) => {
    const child = startWithoutVite(t, transport)
    const { code } = await within(child.exit, 'the end of the process')
    assert.deepEqual(child.stdout.trim().split('\n'), [
      '{"type":"connected"}',
      '{"type":"custom","event":"hello","data":1}',
      `${counted} 1`,
      'client closed 1006',
    ])
    assert.equal(code, 0)
  })

  test(`a live client keeps the process alive, as with ws (${counted})`, async (t) => {
    const child = startWithoutVite(t, transport, '--unref')
    const [, port] = await within(child.said(/^(\d+)\n/), 'the port of the child')
    const client = await Client.connect(Number(port))
    assert.equal(await Promise.race([child.exit, pause(500)]), 'alive')
    client.socket.close()
    const { code } = await within(child.exit, 'the end of the process')
    assert.equal(code, 0)
  })
}

for (const port of [undefined, 0]) {
  test(`a second close() waits for the first (${port === 0 ? 'own' : 'shared'} port)`, async (t) => {
    const server = http.createServer()
    const config = port === 0 ? { server: { ws: { port: await freePort() } } } : {}
    const ws = createWebSocketServer(port === 0 ? null : server, config)
    t.after(() => server.close())
    if (port === 0) ws.listen()
    const [first, second] = await Promise.allSettled([ws.close(), ws.close()])
    assert.equal(first.status, 'fulfilled')
    // The HTTP server's own word, as with Vite's server.
    assert.equal(second.reason?.code, port === 0 ? 'ERR_SERVER_NOT_RUNNING' : undefined)
    await assert.rejects(ws.close(), /The server is not running/)
  })
}

/** A process that serves WebSockets without Vite. If it lived on, this file would wait for it. */
function startWithoutVite(t, transport, ...flags) {
  const program = fileURLToPath(new URL('without-vite.mjs', import.meta.url))
  const env = { VITE_NATIVE_WS_TRANSPORT: transport === 'bridge' ? 'bridge' : '' }
  const child = new Child(process.execPath, [program, ...flags], { env })
  t.after(() => child.end())
  return child
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, 'alive'))
}

/** Open descriptors of this process. */
function countDescriptors() {
  if (process.platform !== 'win32') return readdirSync('/dev/fd').length
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length
}

test('close cuts clients without a close frame and takes the listener off', async () => {
  const server = http.createServer()
  const ws = createWebSocketServer(server, {})
  const client = await Client.connect(await listen(server))
  await within(ws.close(), 'closing')
  assert.equal((await within(client.closed, 'the end')).code, 1006)
  assert.equal(server.listenerCount('upgrade'), 0)
  await assert.rejects(ws.close(), { message: 'The server is not running' })
  ws.send({ type: 'full-reload' })
  ws.send('event', 1)
  await new Promise((resolve) => server.close(resolve))
})

test('closing the HTTP server waits for clients, as with ws', async (t) => {
  const { server, port, ws } = await serve(t)
  const client = await Client.connect(port)
  let isClosed = false
  server.close(() => {
    isClosed = true
  })
  ws.send('still', 1)
  assert.equal((await client.next()).event, 'still')
  assert.equal(isClosed, false)
  client.socket.close()
  await until(() => isClosed, 'the HTTP server to close')
})

test('destroying the sockets of the HTTP server ends its clients', async (t) => {
  const { server, port, ws } = await serve(t)
  const sockets = []
  server.on('connection', (socket) => sockets.push(socket))
  const client = await Client.connect(port)
  for (const socket of sockets) socket.destroy()
  assert.equal((await within(client.closed, 'the end')).code, 1006)
  await until(() => ws.clients.size === 0, 'the client to be gone')
})
