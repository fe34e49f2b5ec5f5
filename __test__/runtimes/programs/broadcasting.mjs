// A process that ends in the middle of a broadcast: by itself, or by the signal it is sent.
import net from 'node:net'
import { createWebSocketServer } from 'vite-native-ws'
import { connect, serve } from './conversation.cjs'

const [ending] = process.argv.slice(2)
const CLIENTS = 20
const filler = 'x'.repeat(100_000)

const { ws, port } = await serve(createWebSocketServer)
const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(port)))
for (const { socket } of clients.slice(0, CLIENTS / 2)) socket.pause()
// A peer that goes away while it is being written to.
const quitter = net.connect(port, '127.0.0.1').on('error', () => {})
quitter.write(
  'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
    'Sec-WebSocket-Protocol: vite-hmr\r\n\r\n',
)
quitter.once('data', () => setImmediate(() => quitter.resetAndDestroy()))

let rounds = 0
function burst() {
  for (let number = 0; number < 20; number++) {
    ws.send('news', { number, filler })
    if (ending === 'exit' && rounds === 3 && number === 10) process.exit(7)
  }
  if (++rounds === 3) process.stdout.write('broadcasting\n')
  setImmediate(burst)
}
burst()
