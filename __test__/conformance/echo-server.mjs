// An echo server of `ws` or of ours.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { answer, settings } from '../support/commands.mjs'

const { specifier, options } = settings()
const { WebSocketServer } = createRequire(import.meta.url)(specifier)

const server = new WebSocketServer({ ...options, port: 0, host: '127.0.0.1' })
const listening = once(server, 'listening')
server.on('connection', (socket) => {
  // A protocol error is an event of the connection, and an unheard `error` ends the process.
  socket.on('error', () => {})
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

answer({ about: () => listening.then(() => server.address()) })
