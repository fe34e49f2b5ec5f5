// A server in a worker thread that never stops sending.
import http from 'node:http'
import { parentPort } from 'node:worker_threads'
import { createWebSocketServer } from 'vite-native-ws'

const server = http.createServer()
const ws = createWebSocketServer(server, {})
const filler = 'x'.repeat(1024)
const burst = () => {
  for (let number = 0; number < 10; number++) ws.send('news', { number, filler })
  setTimeout(burst, 1)
}
ws.on('begin', burst)
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
