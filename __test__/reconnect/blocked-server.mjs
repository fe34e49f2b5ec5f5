// A server in a thread of its own, whose JavaScript can be stopped.
import { once } from 'node:events'
import http from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import { entry } from '../support/server.mjs'

const server = http.createServer()
const ws = entry.createWebSocketServer(server, {}, undefined, workerData)
server.listen(0, '127.0.0.1')
await once(server, 'listening')
parentPort.on('message', ({ blockMs }) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs)
  parentPort.postMessage({ clients: ws.clients.size })
})
parentPort.postMessage({ port: server.address().port })
