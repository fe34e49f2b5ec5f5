// Other WebSocket servers that share an HTTP server with ours, and a client of each.
import { once } from 'node:events'
import http from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { within } from '../support/deadline.mjs'
import { listen } from '../support/port.mjs'
import { ensurePackages } from './install.mjs'

/**
 * @typedef {object} Neighbour
 * @property {string} name
 * @property {RegExp} packet What each of its text messages looks like
 * @property {(server: import('node:http').Server) => () => void} attach Returns how to end it
 * @property {(port: number) => Promise<{ ask(data: string): Promise<string>, close(): void }>} join
 */

/** @type {Neighbour} */
export const socketIo = {
  name: 'socket.io',
  packet: /^\d/,
  attach(server) {
    const io = new sio.Server(server)
    io.on('connection', (socket) => {
      socket.on('ask', (data, reply) => reply(`socket.io: ${data}`))
    })
    return () => io.close()
  },
  async join(port) {
    const socket = sioClient.io(`http://127.0.0.1:${port}`, { transports: ['websocket'] })
    socket.io.reconnection(false)
    const failed = once(socket, 'connect_error').then(([error]) => Promise.reject(error))
    failed.catch(() => {})
    await within(Promise.race([once(socket, 'connect'), failed]), 'the connection to socket.io')
    return {
      ask: (data) => within(socket.emitWithAck('ask', data), 'the answer of socket.io'),
      close: () => socket.close(),
    }
  },
}

/** Its clients name our subprotocol, on a path that is not ours. @type {Neighbour} */
export const chat = {
  name: 'ws',
  packet: /^ws: /,
  attach(server) {
    const wss = answering('ws')
    server.on('upgrade', (request, socket, head) => {
      if (request.url !== '/chat') return
      wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client))
    })
    return () => wss.close()
  },
  join: (port) => joinWs(`ws://127.0.0.1:${port}/chat`, 'vite-hmr'),
}

/** Behind Vite's own proxy, which listens for upgrades too. @type {Neighbour} */
export const proxied = {
  name: 'proxied',
  packet: /^proxied: /,
  attach: () => () => {},
  join: (port) => joinWs(`ws://127.0.0.1:${port}/proxied`),
}

/** What Vite's proxy leads to. */
export async function openUpstream(t) {
  const server = http.createServer()
  const wss = answering('proxied')
  server.on('upgrade', (request, socket, head) => {
    wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client))
  })
  const port = await listen(server)
  t.after(() => {
    for (const client of wss.clients) client.terminate()
    server.close()
  })
  return port
}

function answering(name) {
  const wss = new WebSocketServer({ noServer: true })
  wss.on('connection', (client) => {
    client.on('message', (data) => client.send(`${name}: ${data}`))
  })
  return wss
}

async function joinWs(url, ...protocols) {
  const socket = new WebSocket(url, protocols)
  await within(once(socket, 'open'), `the connection to ${url}`)
  return {
    async ask(data) {
      const answer = once(socket, 'message')
      socket.send(data)
      const [message] = await within(answer, `an answer from ${url}`)
      return String(message)
    },
    close: () => socket.terminate(),
  }
}

// Not imported above: there may be nothing to import before this.
ensurePackages()
const sio = await import('socket.io')
const sioClient = await import('socket.io-client')
