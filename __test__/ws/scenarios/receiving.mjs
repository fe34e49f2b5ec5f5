import { encode, fragments, OPCODE } from '../../support/frame.mjs'
import { snapshot } from '../snapshot.mjs'

const BYTES = Buffer.from([0, 1, 2, 253, 254, 255])

function listen(socket) {
  const log = []
  for (const event of ['message', 'ping', 'pong']) {
    socket.on(event, (...args) => log.push([event, ...args.map(snapshot)]))
  }
  return log
}

export default [
  {
    name: 'messages come as Buffers, with a flag for binary',
    members: ["websocket event 'message'"],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = listen(socket)
      for (const data of ['', 'text', 'Ελλάδα 🙂', Buffer.alloc(0), BYTES, 'x'.repeat(70_000)]) {
        client.send(data)
      }
      await t.until(() => log.length === 6, 'six messages')
      return { log }
    },
  },
  {
    name: 'a fragmented message comes once, with a ping in between',
    members: ["websocket event 'message'", "websocket event 'ping'"],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = listen(socket)
      client.send('one ', { fin: false })
      client.ping('between')
      client.send('', { fin: false })
      client.send('two')
      await t.until(() => log.length === 2, 'two events')
      return { log }
    },
  },
  {
    name: 'pings are told and answered, pongs are told',
    members: ["websocket event 'ping'", "websocket event 'pong'", 'option autoPong'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = listen(socket)
      client.ping()
      client.ping(BYTES)
      client.pong('unasked')
      await t.until(() => log.length === 3 && client.log.length === 2, 'all events')
      return { log, client: client.log }
    },
  },
  {
    name: 'without autoPong pings are told and left to the caller',
    members: ['option autoPong', 'websocket.pong([data[, mask]][, callback])'],
    async run(t) {
      const { socket, client } = await t.pair({ autoPong: false })
      const log = listen(socket)
      socket.on('ping', (data) => socket.pong(`mine: ${data}`))
      client.ping('one')
      await t.until(() => client.log.length === 1, 'the pong')
      return { log, client: client.log }
    },
  },
  {
    name: 'binaryType gives binary messages as Buffer, ArrayBuffer or Blob',
    members: ['websocket.binaryType'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = []
      socket.on('message', (data, isBinary) => log.push([data, isBinary]))
      const types = ['nodebuffer', 'arraybuffer', 'blob', 'nonsense']
      const kept = []
      for (const type of types) {
        socket.binaryType = type
        kept.push(socket.binaryType)
        const before = log.length
        client.send(BYTES)
        client.send(Buffer.alloc(0))
        client.send('text')
        await t.until(() => log.length === before + 3, 'three messages')
      }
      const messages = []
      for (const [data, isBinary] of log) {
        const isBlob = data instanceof Blob
        const content = isBlob ? await data.arrayBuffer() : data
        messages.push([isBlob ? 'Blob' : 'not a Blob', snapshot(content), isBinary])
      }
      return { kept, messages }
    },
  },
  {
    name: 'binaryType fragments gives an array of Buffers',
    members: ['websocket.binaryType'],
    async run(t) {
      const { server, socket, client } = await t.pair()
      const log = listen(socket)
      socket.binaryType = 'fragments'
      client.send(BYTES)
      client.send(Buffer.alloc(0))
      client.send('text')
      await t.until(() => log.length === 3, 'three messages')
      return { log, size: server.clients.size }
    },
  },
  {
    name: 'binaryType fragments gives each frame of a message',
    members: ['websocket.binaryType'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = listen(socket)
      socket.binaryType = 'fragments'
      client.send(Buffer.from('one '), { fin: false })
      client.send(Buffer.from('two'))
      await t.until(() => log.length === 1, 'the message')
      return { log }
    },
    differs: {
      name: 'one-fragment',
      expected: { log: [['message', ['Buffer "one two"'], true]] },
    },
  },
  {
    name: 'pause() keeps messages back until resume()',
    members: ['websocket.pause()', 'websocket.resume()', 'websocket.isPaused'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = listen(socket)
      const states = [socket.isPaused]
      socket.pause()
      states.push(socket.isPaused)
      for (let number = 0; number < 100; number++) client.send(`${number}`)
      client.ping('last')
      await new Promise((resolve) => setTimeout(resolve, 100))
      const whilePaused = [log.length, client.log.length]
      socket.send('still sent')
      await t.until(() => client.log.length > 0, 'the message')
      socket.resume()
      states.push(socket.isPaused)
      const atOnce = log.length
      await t.until(() => log.length === 101, 'all events')
      return { states, whilePaused, atOnce, log }
    },
  },
  {
    name: 'a listener that pauses at each message gets each message once, in order',
    members: ['websocket.pause()', 'websocket.resume()'],
    async run(t) {
      const { socket, client } = await t.pair()
      const messages = []
      const COUNT = 300
      const all = new Promise((resolve) => {
        socket.on('message', (data) => {
          messages.push(Number(String(data)))
          socket.pause()
          setImmediate(() => socket.resume())
          if (messages.length === COUNT) resolve()
        })
      })
      const closed = t.event(socket, 'close')
      for (let number = 0; number < COUNT; number++) client.send(`${number}`)
      await t.within(all, 'all messages')
      client.close(1000, 'done')
      const [code, reason] = await closed
      return { messages, code, reason: snapshot(reason) }
    },
  },
  {
    name: 'without allowSynchronousEvents each event has its turn of the event loop',
    members: ['option allowSynchronousEvents'],
    async run(t) {
      const server = await t.listen({ allowSynchronousEvents: false })
      const log = []
      let inOneTurn = 0
      let most = 0
      server.on('connection', (socket) => {
        socket.on('message', (data) => {
          if (inOneTurn++ === 0) setImmediate(() => setImmediate(() => (inOneTurn = 0)))
          queueMicrotask(() => log.push(`after ${data}`))
          log.push(String(data))
          most = Math.max(most, inOneTurn)
        })
        socket.on('close', (code) => log.push(`close ${code} ${socket.readyState}`))
      })
      const raw = await t.raw(server)
      const frames = Array.from({ length: 200 }, (_, number) =>
        encode({ opcode: OPCODE.text, payload: `${number}` }),
      )
      const close = encode({ opcode: OPCODE.close })
      raw.write(Buffer.concat([...frames, close]))
      await t.until(() => log.at(-1)?.startsWith('close'), 'the close')
      return { log, isSpaced: most <= 2 }
    },
  },
  {
    name: 'messages that came before the close are heard before it',
    members: ["websocket event 'message'", "websocket event 'close'"],
    async run(t) {
      const server = await t.listen()
      const log = []
      server.on('connection', (socket) => {
        socket.on('message', (data) => log.push([String(data), socket.readyState]))
        socket.on('close', (code) => log.push([code, socket.readyState]))
      })
      const raw = await t.raw(server)
      const message = fragments({ opcode: OPCODE.binary, payload: 'abcdef', size: 2 })
      raw.write(
        Buffer.concat([
          encode({ opcode: OPCODE.text, payload: 'first' }),
          ...message,
          encode({ opcode: OPCODE.close, payload: Buffer.from([0x0f, 0xa0]) }),
          encode({ opcode: OPCODE.text, payload: 'too late' }),
        ]),
      )
      await t.within(raw.closed, 'the end')
      await t.until(() => log.length === 3, 'the close')
      return { log, frames: raw.frames }
    },
  },
]
