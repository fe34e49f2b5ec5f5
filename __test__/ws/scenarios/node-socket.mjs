// The Node socket of a connection, `_socket`: undocumented in `ws`, and used.

const IDLE_MS = 600
const PERIOD_MS = 20

/** Keeps one side talking for twice the idle time; counts how often the socket timed out. */
async function timeoutsWhile(t, socket, talk) {
  let timeouts = 0
  socket._socket.setTimeout(IDLE_MS)
  socket._socket.on('timeout', () => timeouts++)
  const end = performance.now() + 2 * IDLE_MS
  await t.until(() => {
    talk()
    return performance.now() > end
  }, 'the end of the talk')
  return { timeouts, timeout: socket._socket.timeout }
}

export default [
  {
    name: '_socket.setTimeout leaves a connection alone whose client sends',
    members: [],
    async run(t) {
      const { socket, client } = await t.pair()
      return timeoutsWhile(t, socket, () => client.send('on'))
    },
  },
  {
    name: '_socket.setTimeout leaves a connection alone whose server sends',
    members: [],
    async run(t) {
      const { socket } = await t.pair()
      return timeoutsWhile(t, socket, () => socket.ping())
    },
  },
  {
    name: '_socket.setTimeout finds an idle connection, once, and lets it go when it is turned off',
    members: [],
    async run(t) {
      const { server, socket, client } = await t.pair()
      const other = await t.join(server)
      let [timeouts, turnedOff] = [0, 0]
      other.socket._socket.setTimeout(PERIOD_MS, () => turnedOff++).setTimeout(0)
      const ended = t.event(client, 'close')
      socket._socket.setTimeout(10 * PERIOD_MS, () => {
        timeouts++
        setTimeout(() => socket.terminate(), 20 * PERIOD_MS)
      })
      await ended
      return { timeouts, turnedOff, code: client.log.at(-1) }
    },
  },
  {
    name: '_socket.setTimeout refuses what is no duration',
    members: [],
    async run(t) {
      const { socket } = await t.pair()
      const thrown = ['1', -1, undefined].map((value) => {
        try {
          return socket._socket.setTimeout(value) === socket._socket
        } catch (error) {
          return error.code
        }
      })
      return { thrown }
    },
  },
  {
    name: '_socket drains when the client has taken what was sent, and not before',
    members: [],
    async run(t) {
      const { socket, client } = await t.pair()
      client.pause()
      socket.send(Buffer.alloc(32 * 1024 * 1024))
      let isDrained = false
      const drained = new Promise((resolve) => socket._socket.once('drain', resolve))
      drained.then(() => {
        isDrained = true
      })
      await new Promise((resolve) => setTimeout(resolve, 5 * PERIOD_MS))
      const early = isDrained
      client.resume()
      await t.within(drained, 'drain')
      return { early, left: socket.bufferedAmount }
    },
  },
  {
    name: '_socket drains again for one who goes on listening',
    members: [],
    async run(t) {
      const { socket, client } = await t.pair()
      let drains = 0
      socket._socket.on('drain', () => drains++)
      for (let round = 1; round <= 3; round++) {
        // A client that reads at once may leave nothing to drain.
        client.pause()
        socket.send(Buffer.alloc(32 * 1024 * 1024))
        client.resume()
        await t.until(() => drains >= round, 'drain')
        await t.until(() => client.log.length === round, 'the message')
      }
      return { drains }
    },
  },
  {
    name: 'bufferedAmount is never 0 while a message waits',
    members: ['websocket.bufferedAmount'],
    async run(t) {
      const { socket, client } = await t.pair()
      const data = Buffer.alloc(16 * 1024 * 1024)
      let zeros = 0
      for (let round = 1; round <= 10; round++) {
        socket.send(data)
        // The client, in this process, cannot read now, and no kernel's buffers hold that much.
        for (const end = performance.now() + 10; performance.now() < end; ) {
          if (socket.bufferedAmount === 0) zeros++
        }
        await t.until(() => client.log.length === round, 'the message')
      }
      return { zeros }
    },
  },
]
