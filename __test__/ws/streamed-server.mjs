// Takes a client over streams in memory, which keep no process alive.
import { Duplex, PassThrough } from 'node:stream'
import { IMPLEMENTATIONS } from './implementations.mjs'

const { api, options } = IMPLEMENTATIONS.find(({ name }) => name === process.argv[2])
const stream = Duplex.from({ readable: new PassThrough(), writable: new PassThrough() })
const headers = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}
const request = { method: 'GET', url: '/', headers }
const server = new api.WebSocketServer({ noServer: true, ...options })
server.handleUpgrade(request, stream, Buffer.alloc(0), (socket) => {
  socket.on('message', () => {})
  console.log('open')
})
