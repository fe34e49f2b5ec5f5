'use strict'

// What every runner and runtime must be able to do: one server, one client, a question, an answer,
// a broadcast, and an end that leaves nothing behind.
const { once } = require('node:events')
const http = require('node:http')
const WebSocket = require('ws')

/** Serves `createWebSocketServer` on a free port. */
async function serve(createWebSocketServer, options) {
  const server = http.createServer()
  const ws = createWebSocketServer(server, {}, undefined, options)
  ws.on('question', (data, client) => client.send('answer', data))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    await ws.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { ws, server, port: server.address().port, close }
}

/** A client that has been welcomed. */
async function connect(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, 'vite-hmr')
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  const messages = []
  const waiting = []
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    const waiter = waiting.shift()
    if (waiter) waiter.resolve(message)
    else messages.push(message)
  })
  socket.on('close', (code) => {
    const error = new Error(`the connection was closed with ${code}`)
    for (const waiter of waiting.splice(0)) waiter.reject(error)
  })
  const next = () =>
    messages.length > 0
      ? Promise.resolve(messages.shift())
      : new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  const send = (event, data) => socket.send(JSON.stringify({ type: 'custom', event, data }))
  const first = await next()
  if (first.type !== 'connected') throw new Error(`the first message was ${JSON.stringify(first)}`)
  return { socket, next, send, closed }
}

/** Returns what the client saw, and the server's counters. */
async function converse(createWebSocketServer, options) {
  const { ws, port, close } = await serve(createWebSocketServer, options)
  const client = await connect(port)
  client.send('question', { number: 42 })
  const answer = await client.next()
  ws.send('news', [1, 2, 3])
  const news = await client.next()
  const { engine, clients, adopted, bridged } = ws.stats()
  await close()
  const [code] = await client.closed
  return { answer, news, code, engine, clients, connections: adopted + bridged }
}

const EXPECTED = Object.freeze({
  answer: { type: 'custom', event: 'answer', data: { number: 42 } },
  news: { type: 'custom', event: 'news', data: [1, 2, 3] },
  code: 1006,
  engine: 'native',
  clients: 1,
  connections: 1,
})

module.exports = { connect, converse, serve, EXPECTED }
