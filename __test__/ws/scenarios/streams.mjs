import { encode } from '../../support/frame.mjs'
import { snapshot } from '../snapshot.mjs'

function watch(duplex) {
  const log = []
  for (const event of ['end', 'finish', 'close']) duplex.on(event, () => log.push(event))
  duplex.on('error', (error) => log.push(['error', snapshot(error)]))
  return log
}

export default [
  {
    name: 'a stream carries messages both ways and ends with the connection',
    members: ['createWebSocketStream(websocket[, options])'],
    async run(t) {
      const { socket, client } = await t.pair()
      const duplex = t.api.createWebSocketStream(socket, { encoding: 'utf8' })
      const log = watch(duplex)
      const chunks = []
      duplex.on('data', (chunk) => chunks.push(chunk))
      client.send('one')
      client.send(Buffer.from('two'))
      duplex.write('three')
      duplex.end('four')
      await t.until(() => log.includes('close'), 'the end')
      // Which of both ends is closed first is open.
      await t.until(() => client.readyState === client.CLOSED, "the client's end")
      return { log: log.sort(), chunks, client: client.log, destroyed: duplex.destroyed }
    },
  },
  {
    name: 'a stream ends when the peer closes',
    members: ['createWebSocketStream(websocket[, options])'],
    async run(t) {
      const { socket, client } = await t.pair()
      const duplex = t.api.createWebSocketStream(socket)
      const log = watch(duplex)
      duplex.resume()
      client.close(1000)
      await t.until(() => log.includes('end'), 'the end')
      const before = [...log]
      duplex.end()
      await t.until(() => log.includes('close'), 'the close')
      return { before, log, destroyed: duplex.destroyed, readyState: socket.readyState }
    },
  },
  {
    name: 'a stream that both sides have ended finishes before its end, and is destroyed then',
    members: ['createWebSocketStream(websocket[, options])'],
    async run(t) {
      const { socket, client } = await t.pair()
      const duplex = t.api.createWebSocketStream(socket)
      const log = []
      for (const event of ['finish', 'end', 'close']) {
        duplex.on(event, () => log.push([event, duplex.destroyed]))
      }
      duplex.resume()
      duplex.end()
      await t.event(client, 'close')
      await t.until(() => log.length === 3, 'all three events')
      return { log }
    },
  },
  {
    name: 'a stream that is not read holds its peer back, and loses nothing',
    members: ['createWebSocketStream(websocket[, options])', 'websocket.pause()'],
    async run(t) {
      const { socket, client } = await t.pair()
      const duplex = t.api.createWebSocketStream(socket, { readableHighWaterMark: 10 })
      for (let number = 0; number < 50; number++) client.send(`message ${number};`)
      await t.until(() => socket.isPaused, 'a pause')
      let text = ''
      duplex.on('data', (chunk) => {
        text += chunk
      })
      await t.until(() => text.includes('message 49;'), 'the last message')
      return { text }
    },
  },
  {
    name: 'destroying a stream terminates the connection',
    members: ['createWebSocketStream(websocket[, options])', 'websocket.terminate()'],
    async run(t) {
      const { socket, client } = await t.pair()
      const duplex = t.api.createWebSocketStream(socket)
      const log = watch(duplex)
      const closed = t.event(client, 'close')
      duplex.destroy(new Error('enough'))
      await t.until(() => log.includes('close'), 'the end')
      await closed
      return { log, client: client.log }
    },
  },
  {
    name: 'a breach of the protocol destroys the stream',
    members: ['createWebSocketStream(websocket[, options])', "websocket event 'error'"],
    async run(t) {
      const server = await t.listen()
      const connection = t.event(server, 'connection')
      const raw = await t.raw(server)
      const [socket] = await connection
      const duplex = t.api.createWebSocketStream(socket)
      const log = watch(duplex)
      raw.write(encode({ opcode: 3 }))
      await t.until(() => raw.frames.length > 0, 'the close frame')
      raw.socket.end()
      await t.until(() => log.includes('close'), 'the end')
      return { log, frames: raw.frames }
    },
  },
]
