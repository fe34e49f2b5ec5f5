// A server that nothing keeps but its connections. Argument: what happens to their sockets.
import http from 'node:http'
import { IMPLEMENTATIONS } from './implementations.mjs'

const [implementation, when] = process.argv.slice(2)
const { api, options } = IMPLEMENTATIONS.find(({ name }) => name === implementation)
const server = http.createServer().listen(0, '127.0.0.1', () => console.log(server.address().port))
server.unref()
if (when === 'before the upgrade') server.on('connection', (socket) => socket.unref())
const wss = new api.WebSocketServer({ server, ...options })
wss.on('connection', ({ _socket }) => {
  if (when !== 'before the upgrade') _socket.unref()
  if (when === 'and referenced again') _socket.ref()
})
// Until there is a connection.
const waiting = setTimeout(() => {}, 60_000)
wss.on('connection', (socket) => {
  socket.on('message', (data) => socket.send(data))
  setTimeout(() => socket.send('ready', () => clearTimeout(waiting)), 10)
})
