import { createRequire } from 'node:module'

const [, , specifier, options] = process.argv
const { WebSocketServer } = createRequire(import.meta.url)(specifier)

const server = new WebSocketServer({ ...JSON.parse(options), port: 0, host: '127.0.0.1' })
server.on('listening', () => process.send({ port: server.address().port }))
server.on('connection', (socket) => {
  // A protocol error is an event of the connection, and an unheard `error` ends the process.
  socket.on('error', () => {})
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

process.on('disconnect', () => process.exit())
