// A server that answers pings and refuses everything else, as one that was restarted does.
import http from 'node:http'
import { WebSocketServer } from 'ws'
import { listen } from '../support/port.mjs'

/** @returns what it was asked so far; it is closed after the test */
export async function openRefusingServer(t) {
  const pings = new WebSocketServer({ noServer: true })
  const server = http.createServer((_, response) => response.end())
  const refusing = { port: 0, attempts: 0 }
  server.on('upgrade', (request, socket) => {
    refusing.attempts += 1
    // A test may reset it.
    socket.on('error', () => {})
    const isPing = request.headers['sec-websocket-protocol'] === 'vite-ping'
    if (isPing) pings.handleUpgrade(request, socket, Buffer.alloc(0), (one) => one.close())
    else socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  })
  t.after(() => server.close())
  refusing.port = await listen(server)
  return refusing
}
