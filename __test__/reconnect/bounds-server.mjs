// A server in a process of its own, which says how much memory it holds.
import { once } from 'node:events'
import http from 'node:http'
import { entry } from '../support/server.mjs'

const server = http.createServer()
const ws = entry.createWebSocketServer(server, {}, undefined, JSON.parse(process.argv[2]))
ws.on('my:event', () => {})
ws.setInvokeHandler({ answer: (text) => text })
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('message', () => {
  globalThis.gc()
  const { rss, heapTotal, heapUsed } = process.memoryUsage()
  // V8 keeps room for new objects that it has needed once.
  process.send({ held: rss - heapTotal + heapUsed, clients: ws.clients.size })
})
process.on('disconnect', () => process.exit())
process.send({ port: server.address().port })
