import http from 'node:http'
import net from 'node:net'
import { outcome, snapshot } from '../snapshot.mjs'

export default [
  {
    name: 'exactly one of port, server and noServer is needed',
    members: ['new WebSocketServer(options)'],
    async run({ api }) {
      const server = http.createServer()
      const construct = (options) => outcome(() => new api.WebSocketServer(options) && 'a server')
      return {
        nothing: construct(),
        none: construct({}),
        portAndNoServer: construct({ port: 0, noServer: true }),
        portAndServer: construct({ port: 0, server }),
        serverAndNoServer: construct({ server, noServer: true }),
        noPort: construct({ port: null }),
        noServer: construct({ noServer: true }),
        server: construct({ server }),
      }
    },
  },
  {
    name: 'the exports are those of ws',
    members: ['new WebSocketServer(options)', 'WebSocket.OPEN'],
    async run({ api }) {
      return {
        isClass: api.WebSocket === api,
        isServer: api.Server === api.WebSocketServer,
        names: [api.WebSocket.name, api.WebSocketServer.name],
        stream: typeof api.createWebSocketStream,
      }
    },
  },
  {
    name: 'every option has the default of ws',
    members: ['new WebSocketServer(options)', 'option maxPendingAutoPongs'],
    async run(t) {
      const { transport, WebSocket, ...options } = t.server({ noServer: true }).options
      return { ...options, isOwnClass: WebSocket === t.api.WebSocket }
    },
  },
  {
    name: 'the callback is called when the server listens',
    members: ['new WebSocketServer(options, callback)', "server event 'listening'", 'option port'],
    async run(t) {
      const log = []
      const server = t.server({ port: 0 }, () => log.push('callback'))
      server.on('listening', () => log.push('listening'))
      await t.event(server, 'listening')
      return { log, hasPort: server.address().port > 0 }
    },
    expected: { log: ['callback', 'listening'], hasPort: true },
  },
  {
    name: 'an ordinary request to the own port is answered with 426',
    members: ['option port'],
    async run(t) {
      const server = await t.listen()
      const headers = { Connection: 'close', Upgrade: undefined }
      return { answer: await t.answer(server.address().port, headers) }
    },
  },
  {
    name: 'host and backlog are handed to listen',
    members: ['option host', 'option backlog'],
    async run(t) {
      const { listen } = net.Server.prototype
      let handed
      net.Server.prototype.listen = function spy(...args) {
        handed = args
        return Reflect.apply(listen, this, args)
      }
      try {
        const server = t.server({ port: 0, host: '127.0.0.1', backlog: 7 }, () => {})
        await t.event(server, 'listening')
        return { handed: snapshot(handed), address: server.address().address }
      } finally {
        net.Server.prototype.listen = listen
      }
    },
    expected: { handed: [0, '127.0.0.1', 7, 'a function'], address: '127.0.0.1' },
  },
  {
    name: 'a given server is shared, and left as it was',
    members: ['option server', "server event 'listening'", 'server.close([callback])'],
    async run(t) {
      const shared = http.createServer((_request, response) => response.end('page'))
      const count = () =>
        ['listening', 'error', 'upgrade'].map((name) => shared.listenerCount(name))
      const before = count()
      const server = t.server({ server: shared })
      const during = count()
      shared.listen(0, '127.0.0.1')
      await t.event(server, 'listening')
      const { client } = await t.join(server)
      const headers = { Connection: 'close', Upgrade: undefined }
      const page = await t.answer(server.address().port, headers)
      client.close()
      await t.event(client, 'close')
      server.close()
      await t.event(server, 'close')
      const after = count()
      const { listening } = shared
      await new Promise((resolve) => shared.close(resolve))
      return { before, during, after, listening, page }
    },
  },
  {
    name: 'errors of the HTTP server are errors of the server',
    members: ["server event 'error'"],
    async run(t) {
      const first = await t.listen()
      const second = t.server({ port: first.address().port, host: '127.0.0.1' })
      const [error] = await t.event(second, 'error')
      return { code: error.code, syscall: error.syscall }
    },
    expected: { code: 'EADDRINUSE', syscall: 'listen' },
  },
  {
    name: 'address() is that of the HTTP server',
    members: ['server.address()', 'option noServer'],
    async run(t) {
      const server = t.server({ port: 0, host: '127.0.0.1' })
      const early = server.address()
      await t.event(server, 'listening')
      const { port, ...bound } = server.address()
      server.close()
      const late = server.address()
      const local = http.createServer()
      const overPipe = t.server({ server: local })
      const name = `ws-${process.pid}-${t.name}.sock`
      const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `/tmp/${name}`
      await new Promise((resolve) => local.listen(path, resolve))
      const pipe = overPipe.address() === path
      await new Promise((resolve) => local.close(resolve))
      const none = outcome(() => t.server({ noServer: true }).address())
      return { early, hasPort: port > 0, bound, late, pipe, none }
    },
  },
  {
    name: 'a WebSocket cannot be made for an address: there is no client',
    members: ['new WebSocket(address[, protocols][, options])'],
    async run({ api }) {
      return {
        url: outcome(() => {
          const client = new api.WebSocket('ws://127.0.0.1:1')
          client.on('error', () => {})
          return 'a client'
        }),
      }
    },
    differs: {
      name: 'no-client',
      expected: {
        url:
          'throws Error ERR_NATIVE_WS_NO_CLIENT: ' +
          'vite-native-ws has no WebSocket client: use the global WebSocket or `ws`.',
      },
    },
  },
  {
    name: 'a WebSocket without a connection is connecting and sends nothing',
    members: [
      'new WebSocket(address[, protocols][, options])',
      'websocket.readyState',
      'websocket.send(data)',
      'websocket.ping([data[, mask]][, callback])',
      'websocket.pong([data[, mask]][, callback])',
      'websocket.pause()',
      'websocket.resume()',
    ],
    async run({ api }) {
      const socket = new api.WebSocket(null, undefined, {})
      return {
        readyState: socket.readyState,
        send: outcome(() => socket.send('x')),
        ping: outcome(() => socket.ping()),
        pong: outcome(() => socket.pong()),
        pause: [outcome(() => socket.pause()), socket.isPaused],
        resume: [outcome(() => socket.resume()), socket.isPaused],
        extensions: socket.extensions,
        protocol: socket.protocol,
        url: outcome(() => socket.url),
        binaryType: socket.binaryType,
      }
    },
  },
]
