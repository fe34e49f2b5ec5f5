import { createServer } from 'node:http'
import { createWebSocketServer } from '../../lib/index.mjs'
import { obey } from './control.mjs'

const server = createServer()
const hot = createWebSocketServer(server, {})
server.listen(0, '127.0.0.1', () => {
  obey({
    port: server.address().port,
    send: (payload) => hot.send(payload),
    on: (event, listener) => hot.on(event, listener),
    clients: () => hot.stats().clients,
  })
})
