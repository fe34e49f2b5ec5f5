import { encode, OPCODE } from '../../support/frame.mjs'
import { outcome, snapshot } from '../snapshot.mjs'

const CLOSE_ARGUMENTS = [
  [999],
  [1004],
  [1005],
  [1006],
  [1015],
  [2999],
  [5000],
  ['1000'],
  [null],
  [1000, 'x'.repeat(124)],
  [1000, 'é'.repeat(62)],
  [1000, Buffer.alloc(124)],
  [1000, [1]],
  [1000, null],
  [1000, new Uint16Array(2)],
]

export default [
  {
    name: 'close() does the handshake and close tells the code and reason of the peer',
    members: [
      'websocket.close([code[, reason]])',
      "websocket event 'close'",
      'websocket.readyState',
    ],
    async run(t) {
      const server = await t.listen()
      const ends = []
      for (const args of [
        [],
        [1000],
        [1001, ''],
        [3000, 'reason'],
        [4999, Buffer.from('bytes')],
        [1014, 'x'.repeat(123)],
        [undefined, 'ignored'],
        [1000, new Uint8Array([72, 105])],
        [1000, 5],
      ]) {
        const { socket, client } = await t.join(server)
        const states = [socket.readyState]
        const closed = t.event(socket, 'close')
        socket.close(...args)
        states.push(socket.readyState)
        await t.event(client, 'close')
        const [code, reason, ...more] = await closed
        states.push(socket.readyState)
        ends.push([code, snapshot(reason), more, states, client.log])
      }
      return { ends }
    },
  },
  {
    name: 'close() throws for codes and reasons that must not be sent',
    members: ['websocket.close([code[, reason]])'],
    async run(t) {
      const { socket, client } = await t.pair()
      const outcomes = CLOSE_ARGUMENTS.map((args) => outcome(() => socket.close(...args)))
      socket.send('still open')
      await t.until(() => client.log.length > 0, 'the message')
      return { outcomes, readyState: socket.readyState }
    },
  },
  {
    name: 'a close of the peer is answered with its code and reason',
    members: ["websocket event 'close'", 'websocket.readyState'],
    async run(t) {
      const server = await t.listen()
      const ends = []
      for (const args of [[], [1000], [4000, 'because']]) {
        const { socket, client } = await t.join(server)
        const closed = t.event(socket, 'close')
        client.close(...args)
        const [code, reason] = await closed
        await t.until(() => client.log.length > 0, 'the answer')
        ends.push([code, snapshot(reason), socket.readyState, client.log])
      }
      return { ends }
    },
  },
  {
    name: 'what is sent before close() arrives, what comes after does not',
    members: ['websocket.close([code[, reason]])', 'websocket.send(data)'],
    async run(t) {
      const { socket, client } = await t.pair()
      socket.send('before')
      socket.send('x'.repeat(3_000_000))
      socket.close(1000)
      socket.send('after')
      socket.close(4000, 'again')
      await t.event(client, 'close')
      return { log: client.log }
    },
  },
  {
    name: 'sends to a closing or closed WebSocket call back an error and are counted',
    members: [
      'websocket.send callback',
      'websocket.send(data)',
      'websocket.ping([data[, mask]][, callback])',
      'websocket.pong([data[, mask]][, callback])',
      'websocket.bufferedAmount',
    ],
    async run(t) {
      const { socket } = await t.pair()
      const log = []
      const closed = t.event(socket, 'close')
      const note = (name) => (error) => log.push([name, snapshot(error)])
      const sendAll = () => {
        socket.send('text', note('send'))
        socket.send(Buffer.alloc(10), { binary: true }, note('send with options'))
        socket.send(123)
        socket.send(new Blob(['blob']), note('blob'))
        socket.ping('data', note('ping'))
        socket.pong('data', false, note('pong'))
        socket.ping(note('bare ping'))
        return [outcome(() => socket.send({})), outcome(() => socket.ping('x'.repeat(200)))]
      }
      socket.close()
      const outcomes = sendAll()
      const atOnce = log.length
      await closed
      await t.until(() => log.length === 6, 'callbacks')
      const before = socket.bufferedAmount
      outcomes.push(...sendAll())
      await t.until(() => log.length === 12, 'more callbacks')
      return { log, outcomes, atOnce, counted: socket.bufferedAmount - before }
    },
  },
  {
    name: 'terminate() ends the connection without a close frame',
    members: ['websocket.terminate()', "websocket event 'close'", 'websocket.readyState'],
    async run(t) {
      const { server, socket, client } = await t.pair()
      const closed = t.event(socket, 'close')
      const clientClosed = t.event(client, 'close')
      socket.terminate()
      const { readyState } = socket
      socket.terminate()
      const [code, reason] = await closed
      await clientClosed
      const late = [outcome(() => socket.terminate()), outcome(() => socket.close())]
      const states = [readyState, socket.readyState]
      return {
        states,
        code,
        reason: snapshot(reason),
        log: client.log,
        late,
        left: server.clients.size,
      }
    },
  },
  {
    name: 'what is sent right before terminate() arrives',
    members: ['websocket.terminate()', 'websocket.send(data)', 'websocket.close([code[, reason]])'],
    async run(t) {
      const says = {
        'send, terminate': (socket) => socket.send('bye'),
        'ping, terminate': (socket) => socket.ping('bye'),
        'close, terminate': (socket) => socket.close(4001, 'bye'),
      }
      const server = await t.listen()
      const ends = []
      for (const [name, say] of Object.entries(says)) {
        const leave = (socket) => {
          say(socket)
          socket.terminate()
        }
        server.once('connection', leave)
        const atOnce = t.client(server)
        await t.event(atOnce, 'close')
        const { socket, client } = await t.join(server)
        socket.on('message', () => leave(socket))
        client.send('leave')
        await t.event(client, 'close')
        ends.push([name, atOnce.log, client.log])
      }
      return { ends }
    },
  },
  {
    name: 'callbacks of what terminate() keeps from being written get an error, before close',
    members: ['websocket.terminate()', 'websocket.send callback'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = []
      client.pause()
      const ended = new Promise((resolve) => {
        socket.on('close', () => {
          log.push('close')
          resolve()
        })
      })
      const payload = Buffer.alloc(16 * 1024 * 1024)
      socket.send(payload)
      socket.send('behind', (error) => log.push(snapshot(error)))
      await new Promise((resolve) => setTimeout(resolve, 30))
      socket.terminate()
      await t.within(ended, 'the close')
      return { log }
    },
  },
  {
    name: 'callbacks of all that waits when terminate() is called get an error, in order, once',
    members: ['websocket.terminate()', 'websocket.send callback'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = []
      const note = (name) => (error) => log.push([name, snapshot(error)])
      client.pause()
      const closed = t.event(socket, 'close')
      const payload = Buffer.alloc(16 * 1024 * 1024)
      // That one is half written: Node 20 gives its callback null.
      socket.send(payload)
      socket.send('text', note('behind it'))
      socket.ping('data', true, note('a ping'))
      socket.send(payload, { binary: true }, note('a large one'))
      await new Promise((resolve) => setTimeout(resolve, 30))
      socket.terminate()
      socket.send('late', note('too late'))
      await closed
      await t.until(() => log.length === 4, 'all callbacks')
      return { log }
    },
  },
  {
    name: 'callbacks of what waits when the server is closed and its clients are terminated',
    members: ['server.close([callback])', 'websocket.send callback'],
    async run(t) {
      const { server, socket, client } = await t.pair()
      client.pause()
      const errors = []
      socket.send(Buffer.alloc(16 * 1024 * 1024))
      socket.send('behind', (error) => errors.push(snapshot(error)))
      await new Promise((resolve) => setTimeout(resolve, 30))
      const closed = t.event(server, 'close')
      for (const one of server.clients) one.terminate()
      server.close()
      await closed
      await t.until(() => errors.length === 1, 'the callback')
      return { errors }
    },
  },
  {
    name: 'a peer that resets or ends the connection closes it with 1006',
    members: ["websocket event 'close'"],
    async run(t) {
      const server = await t.listen()
      const ends = []
      for (const end of ['resetAndDestroy', 'end', 'destroy']) {
        const connection = t.event(server, 'connection')
        const raw = await t.raw(server)
        const [socket] = await connection
        const errors = []
        socket.on('error', (error) => errors.push(snapshot(error)))
        const closed = t.event(socket, 'close')
        raw.socket[end]()
        const [code, reason] = await closed
        ends.push([end, code, snapshot(reason), errors, socket.readyState])
      }
      return { ends }
    },
  },
  {
    name: 'after closeTimeout a connection whose peer does not answer is cut',
    members: ['option closeTimeout'],
    async run(t) {
      const server = await t.listen({ closeTimeout: 150 })
      const connection = t.event(server, 'connection')
      const raw = await t.raw(server)
      const [socket] = await connection
      const closed = t.event(socket, 'close')
      const start = performance.now()
      socket.close(1000, 'bye')
      const [code, reason] = await closed
      const took = performance.now() - start
      await t.within(raw.closed, 'the end')
      return {
        code,
        reason: snapshot(reason),
        frames: raw.frames,
        inTime: took > 100 && took < 3000,
      }
    },
  },
  {
    name: 'a closeTimeout of 0, or of what is no time, cuts at once',
    members: ['option closeTimeout'],
    async run(t) {
      const ends = []
      for (const closeTimeout of [0, -1, Number.NaN, undefined, '20']) {
        const server = await t.listen({ closeTimeout })
        const connection = t.event(server, 'connection')
        await t.raw(server)
        const [socket] = await connection
        const closed = t.event(socket, 'close')
        const start = performance.now()
        socket.close()
        const [code] = await closed
        ends.push([code, performance.now() - start < 600])
      }
      return { ends }
    },
  },
  {
    name: 'messages are heard while the close is under way, pings are not answered',
    members: ['websocket.close([code[, reason]])', "websocket event 'message'"],
    async run(t) {
      const server = await t.listen()
      const connection = t.event(server, 'connection')
      const raw = await t.raw(server)
      const [socket] = await connection
      const log = []
      socket.on('message', (data) => log.push([String(data), socket.readyState]))
      socket.on('ping', (data) => log.push([`ping ${data}`, socket.readyState]))
      const closed = t.event(socket, 'close')
      socket.close(4001)
      await t.until(() => raw.frames.length === 1, 'the close frame')
      raw.write(encode({ opcode: OPCODE.text, payload: 'late' }))
      raw.write(encode({ opcode: OPCODE.ping, payload: 'late' }))
      raw.write(encode({ opcode: OPCODE.close, payload: Buffer.from([0x0f, 0xa2]) }))
      const [code] = await closed
      return { log, code, frames: raw.frames }
    },
  },
  {
    name: 'the constants of the ready state are on the class and its instances',
    members: [
      'WebSocket.CONNECTING',
      'WebSocket.OPEN',
      'WebSocket.CLOSING',
      'WebSocket.CLOSED',
      'websocket.readyState',
    ],
    async run(t) {
      const { socket } = await t.pair()
      const { WebSocket } = t.api
      const states = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']
      const writable = states.map((state) => outcome(() => (WebSocket[state] = 9)))
      const enumerable = []
      for (const key in socket) if (!key.startsWith('_')) enumerable.push(key)
      const documented = enumerable.filter((key) => key === key.toUpperCase() || key in DOCUMENTED)
      return {
        onClass: states.map((state) => WebSocket[state]),
        onInstance: states.map((state) => socket[state]),
        writable: writable.map((text) => String(text).split(':')[0]),
        documented: documented.sort(),
      }
    },
  },
  {
    name: 'a peer that has ended gets all that was sent before, however long it reads',
    members: ['option closeTimeout', 'websocket.send(data)'],
    async run(t) {
      const bytes = 24 * 1024 * 1024
      const closeTimeout = 300
      const server = await t.listen({ closeTimeout })
      server.on('connection', (socket) => socket.send(Buffer.alloc(bytes)))
      const { socket } = await t.raw(server)
      let read = 0
      const begun = performance.now()
      socket.on('data', (chunk) => {
        read += chunk.length
        // Slowly, so that it takes several times as long.
        if (performance.now() - begun > 4 * closeTimeout) return
        socket.pause()
        setTimeout(() => socket.resume(), 20)
      })
      socket.end()
      await t.event(socket, 'close')
      return { isWhole: read >= bytes, isLong: performance.now() - begun > 2 * closeTimeout }
    },
  },
]

const DOCUMENTED = {
  binaryType: 1,
  bufferedAmount: 1,
  extensions: 1,
  isPaused: 1,
  onclose: 1,
  onerror: 1,
  onmessage: 1,
  onopen: 1,
  protocol: 1,
  readyState: 1,
  url: 1,
}
