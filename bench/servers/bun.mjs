// Bun's own server: every client subscribes to one topic, and a broadcast is one publish.
import { obey } from './control.mjs'

/** @type {Map<string, Set<(data: unknown) => void>>} */
const listeners = new Map()
let clients = 0

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request, server) {
    const headers = { 'Sec-WebSocket-Protocol': 'vite-hmr' }
    if (server.upgrade(request, { headers })) return undefined
    return new Response('Upgrade Required', { status: 426 })
  },
  websocket: {
    idleTimeout: 0,
    open(client) {
      clients += 1
      client.subscribe('hmr')
      client.send(JSON.stringify({ type: 'connected' }))
    },
    message: (_client, raw) => receive(raw),
    close() {
      clients -= 1
    },
  },
})
obey({
  port: server.port,
  send: (payload) => server.publish('hmr', JSON.stringify(payload)),
  on(event, listener) {
    listeners.set(event, (listeners.get(event) ?? new Set()).add(listener))
  },
  clients: () => clients,
})

function receive(raw) {
  if (listeners.size === 0) return
  let message
  try {
    message = JSON.parse(String(raw))
  } catch {}
  if (message?.type !== 'custom' || !message.event) return
  for (const listener of listeners.get(message.event) ?? []) listener(message.data)
}
