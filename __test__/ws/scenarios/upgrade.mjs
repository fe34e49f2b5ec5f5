import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { outcome, snapshot } from '../snapshot.mjs'

const BAD_REQUESTS = {
  method: [{}, { method: 'POST' }],
  upgrade: [{ Upgrade: 'h2c' }],
  key: [{ 'Sec-WebSocket-Key': undefined }],
  shortKey: [{ 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZQ==' }],
  version: [{ 'Sec-WebSocket-Version': '12' }],
  noVersion: [{ 'Sec-WebSocket-Version': undefined }],
  protocol: [{ 'Sec-WebSocket-Protocol': 'a,,b' }],
  twice: [{ 'Sec-WebSocket-Protocol': 'a, a' }],
}

async function answers(t, server, requests) {
  const result = {}
  for (const [name, [headers, request]] of Object.entries(requests)) {
    result[name] = await t.answer(server.address().port, headers, request)
  }
  return result
}

export default [
  {
    name: 'connection comes with the WebSocket and its request',
    members: ["server event 'connection'", 'websocket.url', 'websocket.extensions'],
    async run(t) {
      const server = await t.listen()
      const connection = t.event(server, 'connection')
      t.client(server, { path: '/a?b=c', origin: 'http://x' })
      const [socket, request, ...more] = await connection
      return {
        isWebSocket: socket instanceof t.api.WebSocket,
        readyState: socket.readyState,
        url: request.url,
        origin: request.headers.origin,
        ownUrl: outcome(() => socket.url),
        extensions: socket.extensions,
        more,
      }
    },
  },
  {
    name: 'malformed handshakes are answered',
    members: ['server.handleUpgrade(request, socket, head, callback)'],
    run: async (t) => answers(t, await t.listen(), BAD_REQUESTS),
  },
  {
    name: 'wsClientError gets malformed handshakes instead of an answer',
    members: ["server event 'wsClientError'"],
    async run(t) {
      const server = await t.listen()
      const log = []
      server.on('wsClientError', (error, socket, request, ...more) => {
        log.push([snapshot(error), request.method, more])
        socket.end('HTTP/1.1 418 I am a teapot\r\nConnection: close\r\n\r\n')
      })
      return { answers: await answers(t, server, BAD_REQUESTS), log }
    },
  },
  {
    name: 'path admits requests for it, whatever their query',
    members: ['option path', 'server.shouldHandle(request)'],
    async run(t) {
      const server = await t.listen({ path: '/hmr' })
      const urls = ['/hmr', '/hmr?token=1', '/hmr?', '/', '/hmr/', '/hmr/x', '/HMR', '?/hmr']
      await t.join(server, { path: '/hmr?x' })
      return {
        handled: urls.map((url) => server.shouldHandle({ url })),
        everything: t.server({ noServer: true }).shouldHandle({ url: '/x' }),
        refused: await t.answer(server.address().port, {}, { path: '/other' }),
      }
    },
  },
  {
    name: 'shouldHandle can be overridden',
    members: ['server.shouldHandle(request)'],
    async run(t) {
      const server = await t.listen()
      server.shouldHandle = ({ headers }) => headers['x-let-me'] === 'in'
      await t.join(server, { headers: { 'X-Let-Me': 'in' } })
      return { refused: await t.answer(server.address().port) }
    },
  },
  {
    name: 'the first subprotocol that the client offers is chosen',
    members: ['websocket.protocol'],
    async run(t) {
      const server = await t.listen()
      const offered = await t.join(server, { protocols: ['one', 'two'] })
      const none = await t.join(server)
      return {
        ends: [offered.socket.protocol, offered.client.protocol],
        none: [none.socket.protocol, none.client.protocol],
      }
    },
    expected: { ends: ['one', 'one'], none: ['', ''] },
  },
  {
    name: 'handleProtocols chooses the subprotocol, or none',
    members: ['option handleProtocols', 'websocket.protocol'],
    async run(t) {
      const calls = []
      const handleProtocols = (protocols, request) => {
        calls.push([protocols instanceof Set, [...protocols], request.url])
        return protocols.has('two') && 'two'
      }
      const server = await t.listen({ handleProtocols })
      const offered = await t.join(server, { protocols: ['one', 'two'] })
      const raw = await t.raw(server, { 'Sec-WebSocket-Protocol': 'one' })
      await t.join(server)
      return { chosen: offered.socket.protocol, calls, declined: raw.head }
    },
  },
  {
    name: 'verifyClient with one parameter refuses with 401',
    members: ['option verifyClient(info)'],
    async run(t) {
      const infos = []
      const verifyClient = (info) => {
        const { origin, secure, req } = info
        infos.push([Object.keys(info), origin, secure, req.url])
        return origin === 'http://good'
      }
      const server = await t.listen({ verifyClient })
      await t.join(server, { origin: 'http://good' })
      const refused = await t.answer(server.address().port, { Origin: 'http://bad' })
      const old = { 'Sec-WebSocket-Version': '8', 'Sec-WebSocket-Origin': 'http://old' }
      return { refused, old: await t.answer(server.address().port, old), infos }
    },
  },
  {
    name: 'verifyClient with two parameters decides later, with status, body and headers',
    members: ['option verifyClient(info, callback)'],
    async run(t) {
      const decisions = {
        '/plain': [false],
        '/status': [false, 403],
        '/body': [false, 404, 'No such <channel>'],
        '/empty': [false, 404, ''],
        '/null': [false, 404, null, null],
        '/headers': [false, 503, undefined, { 'Retry-After': 120 }],
        '/in': [true],
      }
      const verifyClient = ({ req }, callback) => {
        if (req.url === '/status') callback(...decisions[req.url])
        else setImmediate(() => callback(...decisions[req.url]))
      }
      const server = await t.listen({ verifyClient })
      await t.join(server, { path: '/in' })
      const refused = Object.keys(decisions).filter((path) => path !== '/in')
      const requests = refused.map((path) => [path, [{}, { path }]])
      return answers(t, server, Object.fromEntries(requests))
    },
  },
  {
    name: 'headers shows the lines of the 101 and takes changes',
    members: ["server event 'headers'"],
    async run(t) {
      const server = await t.listen()
      const calls = []
      server.on('headers', (headers, request, ...more) => {
        calls.push([[...headers], request.url, more])
        headers.push('X-Added: yes')
      })
      const raw = await t.raw(server, { 'Sec-WebSocket-Protocol': 'one' })
      return { calls, head: raw.head }
    },
  },
  {
    name: 'permessage-deflate is not negotiated',
    members: ['option perMessageDeflate', 'websocket.extensions', 'websocket.send option compress'],
    async run(t) {
      const serverOptions = { perMessageDeflate: { threshold: 0 } }
      const { socket, client } = await t.pair(serverOptions, { perMessageDeflate: true })
      const heard = t.event(socket, 'message')
      socket.send('text', { compress: true })
      client.send('text')
      await heard
      await t.until(() => client.log.length > 0, 'the message')
      return { extensions: [socket.extensions, client.extensions], log: client.log }
    },
    differs: {
      name: 'no-compression',
      expected: { extensions: ['', ''], log: ['text Buffer "text"'] },
    },
  },
  {
    name: 'an offer of permessage-deflate is ignored unless it is switched on',
    members: ['option perMessageDeflate', 'websocket.send option compress'],
    async run(t) {
      const { socket, client } = await t.pair({}, { perMessageDeflate: true })
      socket.send('text', { compress: true })
      await t.until(() => client.log.length > 0, 'the message')
      return { extensions: [socket.extensions, client.extensions], log: client.log }
    },
    expected: { extensions: ['', ''], log: ['text Buffer "text"'] },
  },
  {
    name: 'handleUpgrade answers for a server of the caller',
    members: ['server.handleUpgrade(request, socket, head, callback)', 'option noServer'],
    async run(t) {
      const shared = await t.http()
      const server = t.server({ noServer: true })
      const calls = []
      let isEmitted = false
      server.on('connection', () => {
        isEmitted = true
      })
      const upgraded = new Promise((resolve) => {
        shared.on('upgrade', (request, socket, head) => {
          server.handleUpgrade(request, socket, head, (webSocket, handed, ...more) => {
            t.noteTransport(webSocket)
            webSocket.on('message', (data) => webSocket.send(`re: ${data}`))
            calls.push([handed === request, server.clients.has(webSocket), more])
            resolve()
          })
        })
      })
      const client = t.client(shared)
      await t.event(client, 'open')
      await upgraded
      client.send('hello')
      await t.until(() => client.log.length > 0, 'the reply')
      return { calls, isEmitted, log: client.log }
    },
  },
  {
    name: 'what comes in the same packet as the handshake is read',
    members: ['server.handleUpgrade(request, socket, head, callback)'],
    async run(t) {
      const server = await t.listen()
      const messages = []
      server.on('connection', (socket) => {
        socket.on('message', (data) => messages.push(snapshot(data)))
      })
      const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
      const raw = t.raw(server)
      const { socket } = await raw
      socket.write(frame)
      await t.until(() => messages.length > 0, 'the message')
      return { messages }
    },
    expected: { messages: ['Buffer "hi"'] },
  },
  {
    name: 'handleUpgrade throws for a socket that has been answered',
    members: ['server.handleUpgrade(request, socket, head, callback)'],
    async run(t) {
      const shared = await t.http()
      const server = t.server({ noServer: true })
      let second
      shared.on('upgrade', (request, socket, head) => {
        server.handleUpgrade(request, socket, head, () => {})
        second = outcome(() => server.handleUpgrade(request, socket, head, () => {}))
      })
      await t.event(t.client(shared), 'open')
      return { second }
    },
  },
  {
    name: 'handleUpgrade destroys a socket that has ended, and refuses after close()',
    members: ['server.handleUpgrade(request, socket, head, callback)', 'server.close([callback])'],
    async run(t) {
      const shared = await t.http()
      const server = t.server({ noServer: true })
      const requests = []
      shared.on('upgrade', (...args) => requests.push(args))
      const late = t.answer(shared.address().port)
      await t.until(() => requests.length === 1, 'the request')
      const [request] = requests[0]
      const ended = new PassThrough()
      ended.end()
      await once(ended.resume(), 'end')
      let calls = 0
      server.handleUpgrade(request, ended, Buffer.alloc(0), () => calls++)
      server.close()
      server.handleUpgrade(...requests[0], () => calls++)
      return { destroyed: ended.destroyed, calls, answer: await late }
    },
  },
  {
    name: 'the WebSocket option gives the class of the connections',
    members: ['option WebSocket', "websocket event 'open'"],
    async run(t) {
      const log = []
      class Mine extends t.api.WebSocket {
        constructor(...args) {
          super(...args)
          this.on('open', () => log.push(`open ${this.readyState}`))
        }

        get greeting() {
          return 'hello'
        }
      }
      const { socket } = await t.pair({ WebSocket: Mine })
      socket.on('open', () => log.push('late'))
      return { log, isMine: socket instanceof Mine, greeting: socket.greeting }
    },
    expected: { log: ['open 1'], isMine: true, greeting: 'hello' },
  },
  {
    name: 'verifyClient and handleProtocols are called as members of the options',
    members: [
      'option verifyClient(info)',
      'option verifyClient(info, callback)',
      'option handleProtocols',
    ],
    async run(t) {
      const seen = []
      const note = (what, it) => seen.push([what, it?.mark])
      const options = {
        mark: 'own',
        handleProtocols() {
          note('handleProtocols', this)
          return false
        },
      }
      const verifiers = [
        function one(_info) {
          note('one', this)
          return true
        },
        function two(_info, decide) {
          note('two', this)
          decide(true)
        },
      ]
      for (const verifyClient of verifiers) {
        const server = await t.listen({ ...options, verifyClient })
        await t.raw(server, { 'Sec-WebSocket-Protocol': 'any' })
      }
      return { seen }
    },
  },
]
