import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { WebSocketServer } from 'ws'
import { Client } from '../../support/client.mjs'
import { listen } from '../../support/port.mjs'

// engine.io ends an upgrade that nobody has answered after one second, and looks at the Node
// socket to find out: only time shows whether ours looks answered.
const TRIAL_MS = 2_000

/** `attach` on Vite's HTTP server, before or after our own listener is there. */
function neighbour(when, attach) {
  if (when === 'after') return { name: 'after', configureServer: (server) => () => attach(server) }
  return {
    name: 'before',
    configureServer: { order: 'pre', handler: (server) => attach(server) },
  }
}

async function echoServer(t) {
  const http = createServer()
  const ws = new WebSocketServer({ server: http })
  ws.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
  await listen(http)
  t.defer(() => {
    for (const client of ws.clients) client.terminate()
    http.close()
  })
  return http.address().port
}

async function alive(t, server, client) {
  await t.flush(server, client)
  server.ws.send('alive')
  await client.find('alive')
}

function dialEcho(t, url) {
  const client = new Client(url, { protocol: null })
  t.defer(() => client.socket.terminate())
  return client
}

async function echo(client, text) {
  client.send(text)
  assert.equal(await client.text(), `echo ${text}`)
}

async function withSocketIo(t, when) {
  let server
  const attach = ({ httpServer }) => {
    server = new Server(httpServer)
    server.on('connection', (socket) => socket.on('ask', (text, reply) => reply(`io ${text}`)))
  }
  const vite = await t.start({ plugins: [neighbour(when, attach)] })
  t.defer(() => server.close())
  const client = await t.join(vite)
  const friend = io(`http://127.0.0.1:${vite.port}`, { transports: ['websocket'] })
  t.defer(() => friend.close())
  await t.within(new Promise((resolve) => friend.on('connect', resolve)), 'socket.io to connect')
  assert.equal(await t.within(friend.emitWithAck('ask', 'one'), 'an answer'), 'io one')
  await new Promise((resolve) => setTimeout(resolve, TRIAL_MS))
  await alive(t, vite, client)
  assert.equal(await t.within(friend.emitWithAck('ask', 'two'), 'an answer'), 'io two')
  t.observe('frames', await t.drain(vite, client))
  t.observe('ended', client.ended ?? false)
}

async function withSecondServer(t, when) {
  const second = new WebSocketServer({ noServer: true })
  second.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
  const attach = ({ httpServer }) => {
    httpServer.on('upgrade', (req, socket, head) => {
      if (req.url !== '/second') return
      second.handleUpgrade(req, socket, head, (one) => second.emit('connection', one, req))
    })
  }
  const vite = await t.start({ plugins: [neighbour(when, attach)] })
  t.defer(() => {
    for (const one of second.clients) one.terminate()
  })
  const client = await t.join(vite)
  const other = dialEcho(t, `ws://127.0.0.1:${vite.port}/second`)
  await t.within(other.opened, 'the second server')
  await echo(other, 'one')
  await new Promise((resolve) => setTimeout(resolve, TRIAL_MS))
  await alive(t, vite, client)
  await echo(other, 'two')
  t.observe('tracked', [vite.ws.clients.size, second.clients.size])
}

export default [
  {
    name: 'socket_io_before',
    covers: 'socket.io that listens before us goes on',
    quick: true,
    run: (t) => withSocketIo(t, 'before'),
  },
  {
    name: 'socket_io_after',
    covers: 'socket.io that listens after us goes on',
    quick: true,
    run: (t) => withSocketIo(t, 'after'),
  },
  {
    name: 'second_ws_before',
    covers: 'a second WebSocket server that listens before us goes on',
    run: (t) => withSecondServer(t, 'before'),
  },
  {
    name: 'second_ws_after',
    covers: 'a second WebSocket server that listens after us goes on',
    run: (t) => withSecondServer(t, 'after'),
  },
  {
    name: 'proxy_ws',
    covers: "Vite's own WebSocket proxy works beside the socket",
    quick: true,
    async run(t) {
      const port = await echoServer(t)
      const server = await t.start({
        server: {
          proxy: {
            '/api': { target: `ws://127.0.0.1:${port}`, ws: true },
            '^/match': { target: `http://127.0.0.1:${port}`, ws: true, changeOrigin: true },
          },
        },
      })
      const client = await t.join(server)
      const proxied = dialEcho(t, `ws://127.0.0.1:${server.port}/api`)
      const matched = dialEcho(t, `ws://127.0.0.1:${server.port}/match/it`)
      for (const one of [proxied, matched]) {
        await t.within(one.opened, 'the proxied connection')
        await echo(one, 'one')
      }
      await alive(t, server, client)
      await echo(proxied, 'x'.repeat(100_000))
      await proxied.end()
      await echo(matched, 'two')
      await alive(t, server, client)
      t.observe('tracked', server.ws.clients.size)
      t.observe('errors', t.log.lines('error'))
    },
  },
]
