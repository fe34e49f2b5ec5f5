// What a memory checker looks at: connections of both kinds that come, talk and end in every way, and
// a worker thread that is terminated with some of its own.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { connect, serve } from '../programs/conversation.cjs'

const { createWebSocketServer } = createRequire(import.meta.url)('../../../lib/index.js')
const CLIENTS = 8
const LONG = 'x'.repeat(100_000)

async function talk(transport) {
  const { ws, port, close } = await serve(createWebSocketServer, { transport })
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(port)))
  for (const client of clients) client.send('question', LONG)
  for (const client of clients) await client.next()
  for (let number = 0; number < 10; number++) ws.send('news', { number, text: LONG })
  for (const client of clients) {
    for (let number = 0; number < 10; number++) await client.next()
  }
  clients[0].socket.send('no JSON')
  clients[1].socket.send(Buffer.alloc(1000))
  clients[2].socket.ping('there?')
  await once(clients[2].socket, 'pong')
  clients[3].socket.close(4000, 'enough')
  await clients[3].closed
  clients[4].socket.terminate()
  const [first, second] = ws.clients
  first.socket.on('message', () => {})
  first.socket.close(1001)
  second.socket.terminate()
  ws.send('last', LONG)
  await close()
  for (const { closed } of clients) await closed
}

if (isMainThread) {
  await talk('auto')
  await talk('bridge')
  const worker = new Worker(new URL(import.meta.url))
  const [port] = await once(worker, 'message')
  const clients = await Promise.all([connect(port), connect(port)])
  await worker.terminate()
  for (const { closed } of clients) await closed
  console.log('over')
} else {
  const { ws, port } = await serve(createWebSocketServer)
  parentPort.postMessage(port)
  setInterval(() => ws.send('news', LONG), 1)
}
