// A server in a thread of its own, whose JavaScript can be stopped.
import { parentPort, workerData } from 'node:worker_threads'
import { serve } from '../support/server.mjs'

const { ws, port } = await serve(undefined, { options: workerData })
parentPort.on('message', ({ blockMs }) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs)
  parentPort.postMessage({ clients: ws.clients.size })
})
parentPort.postMessage({ port })
