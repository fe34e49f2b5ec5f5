// Compiled, never run: what users of `vite-native-ws/ws` write, and what must not compile.
import http = require('node:http')
import WebSocket = require('../../ws')

import { createWebSocketStream, Server, WebSocketServer } from '../../ws'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 1024 }, () => {})
server.on('connection', (webSocket, request) => {
  const url: string | undefined = request.url
  webSocket.on('message', (data, isBinary) => {
    if (isBinary && data instanceof ArrayBuffer) webSocket.send(data)
    else webSocket.send(`${url}: ${data}`, { binary: false, fin: true }, (error) => error?.message)
  })
  webSocket.on('close', (code, reason) => code.toFixed() + reason.toString('utf8'))
  webSocket.on('error', ({ code, message }) => `${code}${message}`)
  webSocket.on('pong', (data) => data.readUInt8(0))
  webSocket.onmessage = ({ data, target }) => target.send(typeof data === 'string' ? data : '')
  webSocket.addEventListener('close', ({ wasClean }) => !wasClean, { once: true })
  webSocket.removeEventListener('message', { handleEvent: ({ data }) => data })
  webSocket.binaryType = 'fragments'
  webSocket.ping()
  webSocket.ping('data', false, (error) => error)
  webSocket.pong((error?: Error) => error)
  webSocket.send(new Uint8Array(1))
  webSocket.send(new Blob([]))
  webSocket.close(1000, 'done')
  const isOpen: boolean = webSocket.readyState === WebSocket.OPEN
  createWebSocketStream(webSocket, { encoding: 'utf8' }).end(isOpen)
  // @ts-expect-error: a symbol has no bytes
  webSocket.send(Symbol.iterator)
  // @ts-expect-error: read-only
  webSocket.readyState = 3
  // @ts-expect-error: no such type
  webSocket.binaryType = 'text'
})
server.on('headers', (headers, request) => headers.push(`X-Url: ${request.url}`))
server.on('wsClientError', (error, socket, request) => socket.end(`${error}${request.url}`))
server.on('listening', () => server.address())
server.close((error) => error?.message)

class Mine extends WebSocket {
  greeting = 'hello'
}
const mine = new Server({
  noServer: true,
  WebSocket: Mine,
  verifyClient: ({ origin, req }, callback) => callback(origin === req.url, 403, 'no', { Age: 1 }),
  handleProtocols: (protocols) => protocols.has('one') && 'one',
  transport: 'bridge',
})
http.createServer().on('upgrade', (request, socket, head) => {
  mine.handleUpgrade(request, socket, head, ({ greeting }) => greeting.length)
})
for (const { greeting } of mine.clients) greeting.trim()

// @ts-expect-error: there is no client
new WebSocket('ws://localhost')
// @ts-expect-error: the server needs options
new WebSocketServer()
// @ts-expect-error: not a transport
new WebSocketServer({ port: 0, transport: 'pigeon' })
