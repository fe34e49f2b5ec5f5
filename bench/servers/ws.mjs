// The `ws` package as Vite 8.3 uses it (`ws.ts`), without Vite around it.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { obey } from './control.mjs'

const server = createServer()
const sockets = new WebSocketServer({ noServer: true })
/** @type {Map<string, Set<(data: unknown) => void>>} */
const listeners = new Map()

server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (client) => {
    sockets.emit('connection', client, request)
  })
})
sockets.on('connection', (client) => {
  client.on('message', (raw) => receive(raw))
  client.on('error', () => {})
  client.send(JSON.stringify({ type: 'connected' }))
})
server.listen(0, '127.0.0.1', () => {
  obey({ port: server.address().port, send, on, clients: () => sockets.clients.size })
})

function send(payload) {
  const text = JSON.stringify(payload)
  for (const client of sockets.clients) {
    if (client.readyState === 1) client.send(text)
  }
}

function receive(raw) {
  if (listeners.size === 0) return
  let message
  try {
    message = JSON.parse(String(raw))
  } catch {}
  if (message?.type !== 'custom' || !message.event) return
  for (const listener of listeners.get(message.event) ?? []) listener(message.data)
}

function on(event, listener) {
  listeners.set(event, (listeners.get(event) ?? new Set()).add(listener))
}
