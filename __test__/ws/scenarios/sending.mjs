import { AsyncLocalStorage } from 'node:async_hooks'
import { outcome, snapshot } from '../snapshot.mjs'

const BYTES = Uint8Array.from({ length: 48 }, (_, index) => index + 200)

function viewsOf(bytes) {
  const { buffer } = bytes
  const kinds = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ]
  return kinds.map((Kind) => new Kind(buffer, 8, 16 / Kind.BYTES_PER_ELEMENT))
}

async function sent(t, values) {
  const { socket, client } = await t.pair()
  const outcomes = values.map((args) => outcome(() => socket.send(...args)))
  const failed = outcomes.filter((text) => String(text).startsWith('throws')).length
  await t.until(() => client.log.length >= values.length - failed, 'all messages')
  return { outcomes, log: client.log }
}

export default [
  {
    name: 'strings and numbers are sent as text',
    members: ['websocket.send(data)'],
    run: (t) =>
      sent(t, [
        ['text'],
        [''],
        ['Ελλάδα 🙂'],
        [0],
        [1.5],
        [-7],
        [Number.NaN],
        ['x'.repeat(70_000)],
      ]),
  },
  {
    name: 'Buffers, ArrayBuffers and every view are sent as binary',
    members: ['websocket.send(data)'],
    run: (t) =>
      sent(t, [
        [Buffer.from(BYTES)],
        [Buffer.alloc(0)],
        [BYTES.buffer],
        [new SharedArrayBuffer(4)],
        [new DataView(BYTES.buffer, 3, 5)],
        ...viewsOf(BYTES).map((view) => [view]),
        [Buffer.alloc(100_000, 'y')],
      ]),
  },
  {
    name: 'other values are sent as Buffer.from makes them, or throw',
    members: ['websocket.send(data)'],
    run: (t) =>
      sent(t, [
        [null],
        [undefined],
        [false],
        [[1, 2, 3]],
        [[Buffer.from('a'), Buffer.from('b')]],
        [new String('object')],
        [{ type: 'Buffer', data: [65, 66] }],
        [{}],
        [true],
        [10n],
        [Symbol.iterator],
      ]),
  },
  {
    name: 'the option binary decides between text and binary',
    members: ['websocket.send option binary'],
    run: (t) =>
      sent(t, [
        ['text', { binary: true }],
        ['text', { binary: false }],
        [Buffer.from('bytes'), { binary: false }],
        [Buffer.from('bytes'), { binary: true }],
        [Buffer.from('bytes'), { binary: undefined }],
        [Buffer.from('bytes'), null],
        [Buffer.from('bytes'), {}],
        [5, { binary: true }],
      ]),
  },
  {
    name: 'the option fin sends parts of one message',
    members: ['websocket.send option fin'],
    async run(t) {
      const server = await t.listen()
      server.on('connection', (socket) => {
        socket.send('one ', { fin: false })
        socket.ping('between')
        socket.send('', { fin: false })
        socket.send(Buffer.from('two'), { fin: true, binary: true })
        socket.send(Buffer.from('alone'))
        socket.send('undefined fin', { fin: undefined })
        socket.send('end')
      })
      const raw = await t.raw(server)
      await t.until(() => raw.frames.length === 7, 'all frames')
      return { frames: raw.frames }
    },
  },
  {
    name: 'a Blob is sent as binary, in the order of the calls',
    members: ['websocket.send(data)', 'websocket.bufferedAmount'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = []
      socket.send('before')
      socket.send(new Blob(['a ', 'blob']), () => log.push('blob'))
      socket.send('between', () => log.push('between'))
      socket.ping('ping', undefined, () => log.push('ping'))
      socket.send(new Blob(['text blob']), { binary: false }, () => log.push('text blob'))
      socket.send(new Blob([]), () => log.push('empty blob'))
      const isCounted = socket.bufferedAmount >= 'a blob'.length
      socket.ping(new Blob(['in a ping']))
      socket.close(1000, 'last')
      await t.event(client, 'close')
      return { log, isCounted, client: client.log }
    },
  },
  {
    name: 'parts of a message may be Blobs',
    members: ['websocket.send(data)', 'websocket.send option fin'],
    async run(t) {
      const { socket, client } = await t.pair()
      socket.send(new Blob(['one ']), { fin: false })
      socket.send('two ', { fin: false })
      socket.send(new Blob(['three']))
      socket.send('alone')
      await t.until(() => client.log.length === 2, 'two messages')
      return { log: client.log }
    },
  },
  {
    name: 'a Blob whose connection is terminated meanwhile is not sent, and its callback says so',
    members: ['websocket.send(data)', 'websocket.send callback', 'websocket.terminate()'],
    async run(t) {
      const { socket } = await t.pair()
      const log = []
      const note = (name) => (error) => log.push([name, snapshot(error), socket.readyState])
      const closed = t.event(socket, 'close')
      socket.send('before', note('before'))
      socket.send(new Blob(['unread']), note('blob'))
      socket.send('behind', note('behind'))
      socket.terminate()
      await closed
      return { log: log.sort() }
    },
  },
  {
    name: 'what was sent before a Blob that cannot be read arrives',
    members: ['websocket.send(data)', 'websocket.send callback'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = []
      const unreadable = {
        type: '',
        arrayBuffer: () => Promise.reject(new Error('unreadable')),
        stream() {},
        [Symbol.toStringTag]: 'Blob',
      }
      socket.on('error', (error) => log.push(['error', snapshot(error)]))
      socket.send('before', (error) => log.push(['before', snapshot(error)]))
      socket.send(unreadable, (error) => log.push(['blob', snapshot(error)]))
      socket.send('behind', (error) => log.push(['behind', snapshot(error)]))
      await t.event(client, 'close')
      return { log: log.sort(), client: client.log.filter((entry) => entry.startsWith('text')) }
    },
  },
  {
    name: 'the callback of a send runs in the context of its caller',
    members: ['websocket.send callback'],
    async run(t) {
      const { socket } = await t.pair()
      const context = new AsyncLocalStorage()
      const contexts = []
      for (const data of ['text', Buffer.alloc(100), new Blob(['blob'])]) {
        context.run(contexts.length, () => {
          const place = contexts.push(undefined) - 1
          socket.send(data, () => {
            contexts[place] = context.getStore() === place
          })
        })
      }
      await t.until(() => !contexts.includes(undefined), 'all callbacks')
      return { contexts }
    },
  },
  {
    name: 'a Blob that cannot be read ends the connection',
    members: ['websocket.send(data)', "websocket event 'error'"],
    async run(t) {
      const { socket } = await t.pair()
      const log = []
      const blob = new Blob(['x'])
      blob.arrayBuffer = async () => {
        throw new Error('unreadable')
      }
      const closed = t.event(socket, 'close')
      socket.on('error', (error) => log.push(['error', snapshot(error), socket.readyState]))
      socket.send(blob, (error) => log.push(['callback', snapshot(error)]))
      socket.send('behind', (error) => log.push(['behind', snapshot(error)]))
      const [code] = await closed
      return { log, code }
    },
  },
  {
    name: 'callbacks are called once, later, in order',
    members: ['websocket.send callback', 'websocket.ping([data[, mask]][, callback])'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = []
      const note =
        (name) =>
        (...args) =>
          log.push([name, args.map(snapshot)])
      socket.send('a', note('data, callback'))
      socket.send('b', {}, note('data, options, callback'))
      socket.send('c', undefined, note('data, undefined, callback'))
      socket.ping(note('ping(callback)'))
      socket.ping('data', note('ping(data, callback)'))
      socket.ping('data', false, note('ping(data, mask, callback)'))
      socket.pong(note('pong(callback)'))
      socket.pong('data', note('pong(data, callback)'))
      socket.pong(7, undefined, note('pong(number, mask, callback)'))
      const atOnce = log.length
      await t.until(() => log.length === 9 && client.log.length === 9, 'all callbacks')
      return { atOnce, log, client: client.log }
    },
  },
  {
    name: 'pings and pongs carry up to 125 bytes',
    members: [
      'websocket.ping([data[, mask]][, callback])',
      'websocket.pong([data[, mask]][, callback])',
    ],
    async run(t) {
      const { socket, client } = await t.pair()
      const outcomes = []
      const values = [undefined, '', 'text', 42, 0, BYTES.buffer, new DataView(BYTES.buffer, 1, 2)]
      values.push('x'.repeat(125), 'x'.repeat(126), 'é'.repeat(63), Buffer.alloc(126), {}, true)
      for (const method of ['ping', 'pong']) {
        for (const value of values) outcomes.push(outcome(() => socket[method](value)))
      }
      socket.close()
      await t.event(client, 'close')
      return { outcomes, log: client.log }
    },
  },
  {
    name: 'frames are not masked',
    members: ['websocket.send option mask', 'websocket.ping([data[, mask]][, callback])'],
    async run(t) {
      const server = await t.listen()
      server.on('connection', (socket) => {
        socket.send('by default')
        socket.send('asked not to', { mask: false })
        socket.ping('asked not to', false)
        socket.pong('asked not to', false)
      })
      const raw = await t.raw(server)
      await t.until(() => raw.frames.length === 4, 'four frames')
      return { frames: raw.frames }
    },
  },
  {
    name: 'frames are masked on request',
    members: [
      'websocket.send option mask',
      'websocket.ping([data[, mask]][, callback])',
      'websocket.pong([data[, mask]][, callback])',
    ],
    async run(t) {
      const server = await t.listen()
      server.on('connection', (socket) => {
        socket.send('', { mask: true })
        socket.ping('', true)
        socket.pong('', true)
      })
      const raw = await t.raw(server)
      await t.until(() => raw.frames.length === 3, 'three frames')
      return { frames: raw.frames }
    },
    differs: {
      name: 'never-masked',
      expected: { frames: ['text Buffer ""', 'ping Buffer ""', 'pong Buffer ""'] },
    },
  },
  {
    name: 'bufferedAmount is above zero for a client that does not read, and zero when it has',
    members: ['websocket.bufferedAmount'],
    async run(t) {
      const { socket, client } = await t.pair()
      const before = socket.bufferedAmount
      client.pause()
      const payload = Buffer.alloc(1024 * 1024)
      for (let count = 0; count < 20; count++) socket.send(payload)
      await new Promise((resolve) => setTimeout(resolve, 50))
      const isBuffered = socket.bufferedAmount > 1024 * 1024
      const isBounded = socket.bufferedAmount <= 20 * (1024 * 1024 + 10)
      client.resume()
      await t.until(() => client.log.length === 20, 'all messages')
      await t.until(() => socket.bufferedAmount === 0, 'an empty buffer')
      return { before, isBuffered, isBounded }
    },
    expected: { before: 0, isBuffered: true, isBounded: true },
  },
  {
    name: 'bufferedAmount counts what no thread has got to yet',
    members: ['websocket.bufferedAmount'],
    async run(t) {
      const { socket } = await t.pair()
      let isEverCounted = false
      for (let count = 0; count < 10_000 && !isEverCounted; count++) {
        socket.send('x')
        isEverCounted = socket.bufferedAmount > 0
      }
      await t.until(() => socket.bufferedAmount === 0, 'an empty buffer')
      return { isEverCounted }
    },
    differs: { name: 'written-later', expected: { isEverCounted: true } },
  },
]
