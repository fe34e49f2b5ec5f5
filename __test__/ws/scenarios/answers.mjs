// What still leaves before a close frame of the peer is answered, and before its fault is.
import { frame, OPCODE } from '../../support/frame.mjs'

const CLOSE = frame(OPCODE.close, Buffer.from([3, 232]))
const MEMBERS = ["websocket event 'message'", 'websocket.send(data)']

/** Keeps JavaScript, while what was sent arrives. */
function hold(milliseconds) {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

function later(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** A server whose clients are answered by `onMessage`, and a client of it. */
async function answering(t, options, onMessage) {
  const server = await t.listen(options)
  const states = []
  let client
  server.on('connection', (socket) => {
    socket.on('message', (data) => onMessage(socket, String(data), client))
    socket.on('close', () => states.push(socket.readyState))
  })
  client = await t.raw(server)
  return { client, states }
}

export default [
  {
    name: 'a listener that pauses the socket replies before the close frame is answered',
    members: [...MEMBERS, 'websocket.pause()', 'websocket.resume()'],
    async run(t) {
      const { client } = await answering(t, {}, async (socket, _data, peer) => {
        peer.write(CLOSE)
        hold(30)
        socket.pause()
        await later(30)
        socket.send('while paused')
        socket.resume()
        socket.send('after it')
      })
      client.write(frame(OPCODE.text, 'question'))
      await t.within(client.closed, 'the end')
      return { frames: client.frames }
    },
  },
  {
    name: 'messages that wait for their turn are replied to before the close frame is answered',
    members: [...MEMBERS, 'option allowSynchronousEvents'],
    async run(t) {
      const options = { allowSynchronousEvents: false }
      const { client } = await answering(t, options, (socket, data) => socket.send(`re ${data}`))
      const questions = ['1', '2', '3'].map((data) => frame(OPCODE.text, data))
      client.write(Buffer.concat([...questions, CLOSE]))
      await t.within(client.closed, 'the end')
      return { frames: client.frames }
    },
  },
  {
    name: 'what a listener leaves to a promise precedes it too, where messages wait for their turn',
    members: [...MEMBERS, 'option allowSynchronousEvents'],
    async run(t) {
      const options = { allowSynchronousEvents: false }
      const { client } = await answering(t, options, async (socket, _data, peer) => {
        peer.write(CLOSE)
        hold(30)
        await null
        socket.send('behind a promise')
      })
      client.write(frame(OPCODE.text, 'question'))
      await t.within(client.closed, 'the end')
      return { frames: client.frames }
    },
  },
  {
    name: 'a paused socket whose peer closes and is then lost is closed at once',
    members: ['websocket.pause()', "websocket event 'close'"],
    async run(t) {
      const codes = []
      const server = await t.listen()
      let peer
      server.on('connection', (socket) => {
        socket.on('message', () => {
          peer.write(CLOSE)
          hold(30)
          socket.pause()
          setTimeout(() => peer.socket.resetAndDestroy(), 30)
        })
        socket.on('close', (code) => codes.push(code))
      })
      peer = await t.raw(server)
      peer.socket.on('error', () => {})
      peer.write(frame(OPCODE.text, 'question'))
      await t.until(() => codes.length > 0, 'the end')
      return { codes }
    },
  },
  {
    name: 'close() of a paused socket is an answer as well',
    members: ['websocket.pause()', 'websocket.close([code[, reason]])'],
    async run(t) {
      const { client } = await answering(t, {}, async (socket) => {
        socket.pause()
        await later(30)
        socket.close(1000)
      })
      client.write(Buffer.concat([frame(OPCODE.text, 'question'), CLOSE]))
      await t.within(client.closed, 'the end')
      return { frames: client.frames }
    },
  },
  {
    name: 'terminate() behind the message before a close frame comes after the answer to it',
    members: ['websocket.terminate()'],
    async run(t) {
      const { client } = await answering(t, {}, async (socket) => {
        await null
        socket.terminate()
      })
      client.socket.on('error', () => {})
      client.write(Buffer.concat([frame(OPCODE.text, 'question'), CLOSE]))
      // Both are heard in one turn, as with `ws`.
      hold(30)
      await t.within(client.closed, 'the end')
      return { frames: client.frames }
    },
  },
  {
    name: 'behind a Blob that cannot be read no close frame is answered',
    members: ['websocket.send(data)', "websocket event 'close'"],
    async run(t) {
      const ends = []
      const server = await t.listen()
      server.on('connection', (socket) => {
        const blob = new Blob(['x'])
        blob.arrayBuffer = () => later(60).then(() => Promise.reject(new Error('unreadable')))
        socket.on('error', () => {})
        socket.addEventListener('close', ({ code, wasClean }) => ends.push([code, wasClean]))
        socket.send(blob)
      })
      const client = await t.raw(server)
      client.write(CLOSE)
      await t.within(client.closed, 'the end')
      await t.until(() => ends.length > 0, 'the event')
      return { ends, frames: client.frames }
    },
  },
  {
    name: 'a Blob that is being read leaves before the close frame is answered, with what follows it',
    members: MEMBERS,
    async run(t) {
      const { client } = await answering(t, {}, (socket, _data, peer) => {
        const blob = new Blob(['a blob'])
        const read = blob.arrayBuffer.bind(blob)
        blob.arrayBuffer = () => later(30).then(read)
        socket.send(blob)
        socket.send('behind it')
        peer.write(CLOSE)
        hold(30)
      })
      client.write(frame(OPCODE.text, 'question'))
      await t.within(client.closed, 'the end')
      return { frames: client.frames }
    },
  },
  {
    name: 'an end behind a Blob that is being read is not clean, although the peer has closed',
    members: ['websocket.terminate()', "websocket event 'close'"],
    async run(t) {
      const ends = []
      const server = await t.listen()
      server.on('connection', (socket) => {
        const blob = new Blob(['x'])
        blob.arrayBuffer = () => new Promise(() => {})
        socket.addEventListener('close', ({ code, wasClean }) => ends.push([code, wasClean]))
        socket.on('message', () => setTimeout(() => socket.terminate(), 30))
        socket.send(blob)
      })
      const client = await t.raw(server)
      client.socket.on('error', () => {})
      client.write(Buffer.concat([frame(OPCODE.text, 'question'), CLOSE]))
      await t.until(() => ends.length > 0, 'the event')
      return { ends, frames: client.frames }
    },
  },
  {
    name: 'a socket that is paused in its last messages is closed all the same',
    members: ['websocket.pause()', "websocket event 'close'", 'option allowSynchronousEvents'],
    async run(t) {
      const options = { allowSynchronousEvents: false }
      const heard = []
      const { client, states } = await answering(t, options, (socket, data) => {
        heard.push(data)
        if (data === '2') socket.pause()
      })
      const questions = ['1', '2', '3'].map((data) => frame(OPCODE.text, data))
      client.write(Buffer.concat(questions))
      hold(30)
      client.socket.resetAndDestroy()
      await t.until(() => states.length > 0, 'the end')
      return { states }
    },
  },
  {
    name: 'a peer that broke the protocol is told so, although the listener of the error terminates',
    members: ["websocket event 'error'", 'websocket.terminate()'],
    async run(t) {
      const server = await t.listen({ maxPayload: 10 })
      server.on('connection', (socket) => {
        socket.on('message', (data) => socket.send(data))
        socket.on('error', () => socket.terminate())
      })
      const faults = [Buffer.from([0x83, 0x80, 0, 0, 0, 0]), frame(OPCODE.text, 'x'.repeat(11))]
      const clients = []
      for (const fault of faults) {
        const client = await t.raw(server)
        client.socket.on('error', () => {})
        client.write(Buffer.concat([frame(OPCODE.text, 'before'), fault]))
        await t.within(client.closed, 'the end')
        clients.push(client.frames)
      }
      return { clients }
    },
  },
  {
    name: 'behind a Blob that cannot be read the stream ends, and the peer may still say something',
    members: ['websocket.send(data)', "websocket event 'error'"],
    async run(t) {
      const heard = []
      const server = await t.listen()
      server.on('connection', (socket) => {
        const blob = new Blob(['x'])
        blob.arrayBuffer = () => Promise.reject(new Error('unreadable'))
        socket.on('error', () => heard.push(socket.readyState))
        socket.on('message', (data) => heard.push(String(data)))
        socket.on('close', (code) => heard.push(code))
        socket.send('before')
        socket.send(blob)
      })
      const client = await t.raw(server)
      client.socket.allowHalfOpen = true
      await t.event(client.socket, 'end')
      client.socket.end(frame(OPCODE.text, 'goodbye'))
      await t.until(() => heard.length === 3, 'the end')
      return { heard, frames: client.frames }
    },
  },
]
