// A process that only a client, or an open server, keeps alive. It does what the client asks for.
import { createWebSocketServer } from 'vite-native-ws'
import { serve } from './conversation.cjs'

const { ws, server, port, close } = await serve(createWebSocketServer)
ws.on('connection', () => server.unref())
ws.on('end', close)
process.stdout.write(`${port}\n`)
