import assert from 'node:assert/strict'
import { encode, eventFrame, OPCODE } from '../../support/frame.mjs'

/** A client and the server's socket of it. */
async function pair(t, server) {
  const opened = new Promise((resolve) => {
    const listener = (socket) => {
      server.ws.off('connection', listener)
      resolve(socket)
    }
    server.ws.on('connection', listener)
  })
  const client = await t.join(server)
  return { client, socket: await t.within(opened, 'the connection event') }
}

/** Ways in which a connection comes to its end. */
const BEGINNINGS = {
  "the client's close frame": ({ raw }) =>
    raw.write(encode({ opcode: OPCODE.close, payload: [3, 233] })),
  'a breach of the protocol': ({ raw }) => raw.write(encode({ opcode: 5 })),
  "the client's reset": ({ raw }) => raw.reset(),
  'server.ws.close()': ({ server }) => void server.ws.close(),
}

export default [
  {
    name: 'socket_constants',
    covers: "the raw socket's constants, properties and methods",
    async run(t) {
      const server = await t.start()
      const { client, socket } = await pair(t, server)
      // See written-later in docs/differences.md.
      await t.until(() => socket.bufferedAmount === 0, 'the greeting is written')
      const states = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']
      t.observe(
        'states',
        states.map((name) => [socket[name], socket.constructor[name]]),
      )
      const read = 'readyState protocol extensions binaryType bufferedAmount isPaused url'.split(
        ' ',
      )
      t.observe(
        'read',
        read.map((name) => [name, socket[name]]),
      )
      const methods =
        'send close terminate ping pong pause resume on once off emit addEventListener removeEventListener'
      t.observe(
        'methods',
        methods.split(' ').map((name) => typeof socket[name]),
      )
      t.observe(
        'handlers',
        ['onopen', 'onclose', 'onmessage', 'onerror'].map((n) => socket[n]),
      )
      const end = new Promise((resolve) => socket.on('close', resolve))
      await client.end()
      await t.within(end, 'close')
      t.observe('closed', [socket.readyState, socket.readyState === socket.CLOSED])
    },
  },
  {
    name: 'socket_ping_pong',
    covers: 'pings and pongs both ways over the raw socket',
    quick: true,
    async run(t) {
      const server = await t.start()
      const { client, socket } = await pair(t, server)
      const seen = []
      client.socket.on('ping', (data) => seen.push(['client ping', String(data)]))
      client.socket.on('pong', (data) => seen.push(['client pong', String(data)]))
      socket.on('ping', (data) => seen.push(['server ping', String(data), Buffer.isBuffer(data)]))
      socket.on('pong', (data) => seen.push(['server pong', String(data), Buffer.isBuffer(data)]))
      socket.ping('from the server')
      await t.until(() => seen.length === 2, 'ping and pong')
      client.socket.ping('from the client')
      await t.until(() => seen.length === 4, 'ping and pong again')
      client.socket.pong('unasked')
      await t.until(() => seen.length === 5, 'the unasked pong')
      t.observe('seen', seen)
      const tooLong = await new Promise((resolve) => {
        try {
          socket.ping('x'.repeat(126), true, (error) => resolve(error?.message ?? 'no error'))
        } catch (error) {
          resolve(`thrown ${error.name}: ${error.message}`)
        }
      })
      t.observe('a ping of 126 bytes', tooLong)
    },
  },
  {
    name: 'socket_send',
    covers: "the raw socket's send: kinds of data, callbacks, after the close",
    quick: true,
    async run(t) {
      const server = await t.start()
      const { client, socket } = await pair(t, server)
      const sent = (...args) =>
        t.within(
          new Promise((resolve) => socket.send(...args, (...got) => resolve(got))),
          'the callback',
        )
      t.observe('error in the callback', Boolean((await sent('text'))[0]))
      t.observe('and with options', Boolean((await sent('text', { binary: false }))[0]))
      await sent(Buffer.from('buffer'))
      await sent(new Uint8Array([1, 2, 3]))
      await sent(new Uint8Array([1, 2, 3]).buffer)
      await sent(42)
      await sent('as binary', { binary: true })
      t.observe('returns', socket.send('returns'))
      await t.drain(server, client)
      const texts = client.frames.filter((text) => !text.includes('parity:'))
      t.observe('frames', texts)
      t.observe('binary', client.binary)
      const end = new Promise((resolve) => socket.on('close', resolve))
      await client.end()
      await t.within(end, 'close')
      const late = await sent('too late')
      t.observe(
        'send after close',
        late.map((error) => [error?.name, error?.message]),
      )
      t.observe('send after close without callback', socket.send('too late'))
      t.observe('client.send after close', [...server.ws.clients].length)
    },
  },
  {
    name: 'socket_close',
    covers: "the raw socket's close and terminate, and invalid codes",
    quick: true,
    async run(t) {
      const server = await t.start()
      const ends = {
        'close(4001, bye)': (socket) => socket.close(4001, 'bye'),
        'close()': (socket) => socket.close(),
        'close(1000)': (socket) => socket.close(1000),
        'terminate()': (socket) => socket.terminate(),
        'send and close': (socket) => {
          socket.send('"last words"')
          socket.close(4002)
        },
      }
      for (const [what, end] of Object.entries(ends)) {
        const { client, socket } = await pair(t, server)
        const told = new Promise((resolve) => {
          socket.on('close', (code, reason) => resolve([code, String(reason), socket.readyState]))
        })
        end(socket)
        const after = socket.readyState
        const seen = await t.within(client.closed, `the end by ${what}`)
        t.observe(what, { after, seen, told: await t.within(told, 'close'), got: client.frames })
        await t.size(server, 0)
      }
      const thrown = []
      for (const code of [999, 1006, 5000, 'x']) {
        // A socket each: some versions of `ws` count themselves as closing after the throw.
        const { socket } = await pair(t, server)
        try {
          socket.close(code)
          thrown.push('nothing')
        } catch (error) {
          thrown.push(`${error.name}: ${error.message}`)
        }
      }
      t.observe('invalid codes', thrown)
    },
  },
  {
    name: 'socket_first_looked_at',
    covers: 'a raw socket that is first looked at during or after its end',
    quick: true,
    async run(t) {
      for (const [what, begin] of Object.entries(BEGINNINGS)) {
        const server = await t.start()
        let client
        server.ws.on('my:event', (_, from) => {
          client = from
        })
        const raw = await t.upgrade(server, {})
        await raw.write(eventFrame('my:event'))
        await t.until(() => client, 'the client to be known')
        // What it does not read does not make it close its side.
        raw.socket.pause()
        await begin({ raw, server })
        // With another client the server has read what the first one sent.
        if (what !== 'server.ws.close()') await t.flush(server, await t.join(server))
        if (what === "the client's reset") await t.size(server, 1)
        const { socket } = client
        const state = socket.readyState
        const sent = t.within(new Promise((resolve) => socket.send('late', resolve)), 'a callback')
        const closed = new Promise((resolve) => {
          if (socket.readyState === socket.CLOSED) resolve('before')
          socket.onclose = ({ code, reason, wasClean }) => resolve([code, reason, wasClean])
        })
        t.observe(what, { state, sent: (await sent)?.message })
        raw.socket.destroy()
        t.observe(`close event of ${what}`, await t.within(closed, 'close'))
        t.observe(`state after ${what}`, socket.readyState)
      }
    },
  },
  {
    name: 'socket_looked_at_in_disconnect',
    covers: 'a raw socket that is first looked at in vite:client:disconnect',
    majors: [7, 8],
    why: 'the event is new in 7.2',
    async run(t) {
      const server = await t.start()
      const seen = []
      server.ws.on('vite:client:disconnect', (_, { socket }) => {
        seen.push([socket.readyState, socket.bufferedAmount])
        socket.on('close', () => seen.push('closed'))
      })
      for (const end of [
        (client) => client.end(4001, 'bye'),
        (client) => client.socket.terminate(),
      ]) {
        const client = await t.join(server)
        await end(client)
        await t.size(server, 0)
      }
      t.observe('seen', seen)
    },
  },
  {
    name: 'socket_listeners',
    covers: "the raw socket's addEventListener and on… properties",
    async run(t) {
      const server = await t.start()
      const { client, socket } = await pair(t, server)
      const seen = []
      const onMessage = (event) => {
        seen.push([event.type, String(event.data), typeof event.data, event.target === socket])
      }
      socket.addEventListener('message', onMessage)
      socket.addEventListener('message', () => seen.push('once'), { once: true })
      socket.addEventListener('close', ({ code, reason, wasClean, type }) => {
        seen.push([type, code, reason, wasClean])
      })
      socket.onmessage = ({ data }) => seen.push(['onmessage', data])
      client.send('one')
      client.send('two')
      await t.flush(server, client)
      const before = seen.length
      socket.removeEventListener('message', onMessage)
      socket.onmessage = null
      client.send('three')
      await t.flush(server, client)
      const end = new Promise((resolve) => socket.on('close', resolve))
      await client.end(4003, 'why')
      await t.within(end, 'close')
      const rest = seen.filter((one) => !String(one).includes('parity:'))
      t.observe('seen', rest)
      assert.equal(before > 0, true)
    },
  },
  {
    name: 'socket_pause',
    covers: "the raw socket's pause and resume",
    async run(t) {
      const server = await t.start()
      const { client, socket } = await pair(t, server)
      const heard = []
      socket.on('message', (data) => heard.push(String(data)))
      socket.pause()
      t.observe('paused', socket.isPaused)
      client.send('while paused')
      // A broadcast still reaches a paused client: only reading rests.
      await t.drain(server, client)
      const other = await t.join(server)
      await t.flush(server, other)
      t.observe('heard while paused', heard)
      socket.resume()
      await t.until(() => heard.length === 1, 'the message after resume')
      t.observe('heard', heard)
    },
  },
  {
    name: 'headers_event',
    covers: 'a headers listener sees and adds to the 101',
    quick: true,
    async run(t) {
      const server = await t.start()
      const seen = []
      server.ws.on('headers', (headers, req) => {
        seen.push([Array.isArray(headers), headers.length, req.url])
        headers.push('X-Added: yes', 'Set-Cookie: a=1')
      })
      const raw = await t.upgrade(server, {})
      assert.equal(await raw.status(), 101)
      assert.match(raw.head, /X-Added: yes\r\n/)
      t.observe('101', raw.head)
      t.observe('seen', seen)
    },
  },
]
