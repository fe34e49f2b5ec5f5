// The basic flow of each package with our server class in the place of that of `ws`, and with that of
// `ws`, which NEIGHBOURS_IMPLEMENTATION says.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { createClient } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import httpProxy from 'http-proxy'
import { Server as SocketIo } from 'socket.io'
import { io } from 'socket.io-client'
import { until, within } from '../support/deadline.mjs'
import { listen } from '../support/port.mjs'
import {
  IMPLEMENTATION,
  load,
  transportOf,
  WebSocket,
  WebSocketServer,
  watchTransports,
} from './implementation.mjs'

const require = createRequire(import.meta.url)
const { buildSchema } = require('graphql')

function end(t, server) {
  t.after(() => {
    server.closeAllConnections?.()
    server.close()
  })
}

/** Our class on an HTTP server; it has to be the one that was asked for. */
async function serve(t, options) {
  const server = http.createServer()
  const wss = new WebSocketServer(options ?? { server })
  const transports = watchTransports(wss)
  t.after(() => {
    for (const client of wss.clients) client.terminate()
    wss.close()
    server.close()
    assert.deepEqual([...transports], [IMPLEMENTATION])
  })
  const port = await listen(server)
  return { server, wss, port, url: `ws://127.0.0.1:${port}` }
}

/** Says something and resolves with the first message that comes back. */
async function echo(t, url, text) {
  const client = new WebSocket(url)
  t.after(() => client.terminate())
  await within(once(client, 'open'), `a connection to ${url}`)
  client.send(text)
  const [answer] = await within(once(client, 'message'), `an answer to "${text}"`)
  client.close()
  await within(once(client, 'close'), 'the close')
  return String(answer)
}

test('graphql-ws answers a query and a subscription', async (t) => {
  const { wss, url } = await serve(t)
  const schema = buildSchema('type Query { hello: String } type Subscription { count: Int }')
  const roots = {
    query: { hello: () => 'world' },
    subscription: {
      async *count() {
        for (let count = 1; count <= 3; count++) yield { count }
      },
    },
  }
  const handle = useServer({ schema, roots }, wss)
  const client = createClient({ url, webSocketImpl: WebSocket })
  const results = async (query) => {
    const all = []
    for await (const { data } of client.iterate({ query })) all.push(data)
    return all
  }
  assert.deepEqual({ ...(await within(results('{ hello }'), 'an answer'))[0] }, { hello: 'world' })
  const counted = await within(results('subscription { count }'), 'a subscription')
  assert.deepEqual(
    counted.map(({ count }) => count),
    [1, 2, 3],
  )
  await client.dispose()
  await handle.dispose()
})

test('@trpc/server answers a query and a subscription', async (t) => {
  const { wss, url } = await serve(t)
  const trpc = initTRPC.create()
  const router = trpc.router({
    hello: trpc.procedure.query(() => 'world'),
    count: trpc.procedure.subscription(async function* () {
      for (let count = 1; count <= 3; count++) yield count
    }),
  })
  applyWSSHandler({ wss, router })
  const client = createWSClient({ url, WebSocket })
  const caller = createTRPCClient({ links: [wsLink({ client })] })
  assert.equal(await within(caller.hello.query(), 'an answer'), 'world')
  const counted = []
  const complete = new Promise((onComplete, onError) => {
    caller.count.subscribe(undefined, { onData: (n) => counted.push(n), onComplete, onError })
  })
  await within(complete, 'the end of the subscription')
  assert.deepEqual(counted, [1, 2, 3])
  await client.close()
})

test('express-ws serves a route', async (t) => {
  const app = load('express')()
  const { getWss } = load('express-ws')(app)
  const transports = watchTransports(getWss())
  app.ws('/echo', (socket, request) => {
    socket.on('message', (text) => socket.send(`${request.query.name}: ${text}`))
  })
  const server = app.listen(0, '127.0.0.1')
  end(t, server)
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${server.address().port}/echo?name=express`
  assert.equal(await echo(t, url, 'hello'), 'express: hello')
  assert.deepEqual([...transports], [IMPLEMENTATION])
})

test('@fastify/websocket serves a route', async (t) => {
  const app = load('fastify')({ forceCloseConnections: true })
  await app.register(load('@fastify/websocket'))
  const transports = new Set()
  app.get('/echo', { websocket: true }, (socket) => {
    transports.add(transportOf(socket))
    socket.on('message', (text) => socket.send(`fastify: ${text}`))
  })
  t.after(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const url = `ws://127.0.0.1:${app.server.address().port}/echo`
  assert.equal(await echo(t, url, 'hello'), 'fastify: hello')
  assert.deepEqual([...transports], [IMPLEMENTATION])
})

test('@hono/node-ws serves a route', async (t) => {
  const { Hono } = load('hono')
  const app = new Hono()
  const { injectWebSocket, upgradeWebSocket, wss } = load('@hono/node-ws').createNodeWebSocket({
    app,
  })
  const transports = watchTransports(wss)
  app.get(
    '/echo',
    upgradeWebSocket(() => ({ onMessage: ({ data }, socket) => socket.send(`hono: ${data}`) })),
  )
  const server = load('@hono/node-server').serve({
    fetch: app.fetch,
    port: 0,
    hostname: '127.0.0.1',
  })
  injectWebSocket(server)
  end(t, server)
  if (!server.listening) await once(server, 'listening')
  assert.equal(
    await echo(t, `ws://127.0.0.1:${server.address().port}/echo`, 'hello'),
    'hono: hello',
  )
  assert.deepEqual([...transports], [IMPLEMENTATION])
})

test('y-websocket brings what one has written to another', async (t) => {
  const { wss, url } = await serve(t)
  const { docs, setupWSConnection } = load('y-websocket/bin/utils')
  // It keeps an interval for each document.
  t.after(() => {
    for (const doc of docs.values()) doc.awareness.destroy()
  })
  wss.on('connection', setupWSConnection)
  const { Doc } = require('yjs')
  const { WebsocketProvider } = require('y-websocket')
  const pages = [1, 2].map(() => {
    const doc = new Doc()
    const options = { WebSocketPolyfill: WebSocket, disableBc: true }
    const provider = new WebsocketProvider(url, 'room', doc, options)
    t.after(() => {
      provider.destroy()
      provider.awareness.destroy()
    })
    return { doc, provider }
  })
  await until(() => pages.every(({ provider }) => provider.synced), 'both to be in step')
  pages[0].doc.getText('text').insert(0, 'hello')
  await until(() => String(pages[1].doc.getText('text')) === 'hello', 'the text to arrive')
  pages[1].doc.getText('text').insert(5, ' world')
  await until(() => String(pages[0].doc.getText('text')) === 'hello world', 'its answer')
})

test('socket.io goes on beside ours on one HTTP server', async (t) => {
  const wss = new WebSocketServer({ noServer: true })
  const server = http.createServer()
  end(t, server)
  const port = await listen(server)
  t.after(() => wss.close())
  const beside = new SocketIo(server, { destroyUpgrade: false })
  t.after(() => beside.close())
  beside.on('connection', (socket) => socket.on('say', (text, answer) => answer(`io: ${text}`)))
  const transports = watchTransports(wss)
  wss.on('connection', (socket) => socket.on('message', (text) => socket.send(`ours: ${text}`)))
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== '/ours') return
    wss.handleUpgrade(request, socket, head, (peer) => wss.emit('connection', peer, request))
  })
  const theirs = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] })
  t.after(() => theirs.close())
  assert.equal(await within(theirs.emitWithAck('say', 'hello'), 'an answer'), 'io: hello')
  assert.equal(await echo(t, `ws://127.0.0.1:${port}/ours`, 'hello'), 'ours: hello')
  assert.equal(await within(theirs.emitWithAck('say', 'again'), 'an answer'), 'io: again')
  assert.deepEqual([...transports], [IMPLEMENTATION])
})

test('http-proxy stands between', async (t) => {
  const { wss, port } = await serve(t)
  wss.on('connection', (socket) => socket.on('message', (text) => socket.send(`behind: ${text}`)))
  const proxy = httpProxy.createProxyServer({ target: { host: '127.0.0.1', port }, ws: true })
  const front = http.createServer()
  front.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head))
  end(t, front)
  t.after(() => proxy.close())
  const frontPort = await listen(front)
  for (const size of [5, 100_000]) {
    const text = 'x'.repeat(size)
    assert.equal(await echo(t, `ws://127.0.0.1:${frontPort}`, text), `behind: ${text}`)
  }
})
