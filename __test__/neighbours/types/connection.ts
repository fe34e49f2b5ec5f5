// Compiled, never run: what a server of this package, without Vite, hands out.
import type DefaultWs from 'ws'
import type { WebSocket as NamedWs } from 'ws'
import type { NativeWebSocketServer, WebSocket, WebSocketClient } from '../../../index.mjs'
import type { WebSocket as OursOfWs } from '../../../ws.mjs'

export function listen(server: NativeWebSocketServer) {
  const hear = (socket: NamedWs) => socket.on('pong', (data: Buffer) => data.length)
  server.on('connection', (socket, request) => hear(socket).emit(String(request.url)))
  server.on('my:event', (_, { socket }: WebSocketClient) => hear(socket))
}

export const same = (socket: WebSocket): [DefaultWs, OursOfWs] => [socket, socket]
