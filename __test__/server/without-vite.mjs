// A process that serves WebSockets without Vite. With --unref it prints its port and lives as long
// as a client does; otherwise it serves one client of its own and is to end by itself.
import http from 'node:http'
import { createRequire } from 'node:module'
import WebSocket from 'ws'

const { createWebSocketServer } = createRequire(import.meta.url)('../../lib/index.js')
const server = http.createServer()
const ws = createWebSocketServer(server, {})

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  if (process.argv.includes('--unref')) {
    ws.on('connection', () => server.unref())
    return void process.stdout.write(`${port}\n`)
  }
  const client = new WebSocket(`ws://127.0.0.1:${port}`, 'vite-hmr')
  client.on('message', async (data) => {
    console.log(String(data))
    if (String(data).includes('connected')) return ws.send('hello', 1)
    const { adopted, bridged } = ws.stats()
    console.log(adopted ? `adopted ${adopted}` : `bridged ${bridged}`)
    await ws.close()
    server.close()
  })
  client.on('close', (code) => console.log(`client closed ${code}`))
})
