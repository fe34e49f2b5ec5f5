// Compiled, never run: ours goes where what `@types/ws` declares is expected.
import http, { type IncomingMessage } from 'node:http'
import { createNodeWebSocket } from '@hono/node-ws'
import { initTRPC } from '@trpc/server'
import { applyWSSHandler, type CreateWSSContextFnOptions } from '@trpc/server/adapters/ws'
import { useServer } from 'graphql-ws/use/ws'
import type * as Ws from 'ws'
import type DefaultWs from 'ws'
import type * as Ours from '../../../ws.mjs'
import OurDefault, { createWebSocketStream, WebSocket, WebSocketServer } from '../../../ws.mjs'

const server = new WebSocketServer({ port: 0 })
const asServer: Ws.WebSocketServer = server
const asOlderServer: Ws.Server = new OurDefault.Server({ noServer: true })
const asSocket: DefaultWs = new WebSocket(null)
const asNamedSocket: Ws.WebSocket = new OurDefault(null)
useServer({ schema: undefined as any }, server)
const context = ({ req, res }: CreateWSSContextFnOptions) => ({ url: req.url, isOpen: res.OPEN })
const trpc = initTRPC.context<typeof context>().create()
applyWSSHandler({ wss: server, router: trpc.router({}), createContext: context })

// What programs for `ws` write with its types.
function hear(this: DefaultWs, data: DefaultWs.RawData, isBinary: boolean) {
  this.send(data, { binary: isBinary })
}
function onConnection(socket: DefaultWs, request: IncomingMessage) {
  socket.on('message', hear).once('close', (code: number) => code.toFixed())
  socket.onmessage = ({ data }: { data: Ws.Data }) => socket.send(`${data}${request.url}`)
}
server.on('connection', onConnection)
server.once('error', (error: Error) => error.message)
server.addListener('headers', (headers: string[]) => headers.push(''))
const done = (error?: Error) => error?.message
for (const socket of server.clients) {
  onConnection(socket, undefined as any)
  socket.send('text', done)
  socket.send(Buffer.alloc(1), { binary: true }, done)
  socket.ping('', false, done)
  socket.pong(undefined, undefined, (error: Error) => error.message)
  socket.off('message', hear)
  socket.prependListener('pong', (data: Buffer) => data.length)
  createWebSocketStream(socket)
}
server.close(done)
const data: Ours.WebSocket.Data = 'text' as Ws.Data
const raw: Ours.RawData = Buffer.alloc(1) as Ws.RawData
const options: Ours.ServerOptions = {
  noServer: true,
  perMessageDeflate: { threshold: 1 },
} as Ws.ServerOptions<any>
const verify: Ours.VerifyClientCallbackSync = ({ origin, req, secure }) =>
  secure && origin === req.url
const late: Ours.VerifyClientCallbackAsync = (_info, callback) =>
  callback(true, 200, '', { a: 'b' })
class Request extends http.IncomingMessage {
  user = ''
}
const typed = new WebSocketServer<typeof WebSocket, typeof Request>({
  noServer: true,
  verifyClient: ({ req }, callback) => callback(req.user === ''),
})
typed.on('connection', (socket, { user }) => socket.send(user))

export {
  asNamedSocket,
  asOlderServer,
  asServer,
  asSocket,
  createNodeWebSocket,
  data,
  late,
  options,
  raw,
  verify,
}
