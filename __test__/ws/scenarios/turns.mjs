// What runs between two listeners: promises, ticks, and whose context it is.
import { AsyncLocalStorage } from 'node:async_hooks'
import { frame, OPCODE } from '../../support/frame.mjs'

const MESSAGE = frame(OPCODE.text, 'x')
const STEPS = ['sync', 'tick', 'promise']

/** Keeps JavaScript, while what was sent arrives. */
function hold(milliseconds) {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

export default [
  {
    name: 'promises and ticks of one client run before the message of the next is heard',
    members: ["websocket event 'message'"],
    async run(t) {
      const server = await t.listen()
      const log = []
      let count = 0
      server.on('connection', (socket) => {
        socket.on('message', () => {
          const number = ++count
          log.push(`${number} sync`)
          process.nextTick(() => log.push(`${number} tick`))
          Promise.resolve().then(() => log.push(`${number} promise`))
        })
      })
      const clients = [await t.raw(server), await t.raw(server), await t.raw(server)]
      for (const client of clients) client.write(MESSAGE)
      hold(30)
      await t.until(() => log.length === clients.length * STEPS.length, 'all messages')
      return { log }
    },
  },
  {
    name: 'a reply behind a promise or a tick leaves although the peer has ended',
    members: ["websocket event 'message'", 'websocket.send(data)'],
    async run(t) {
      const later = {
        promise: (run) => Promise.resolve().then(run),
        tick: (run) => process.nextTick(run),
      }
      const replies = {}
      for (const [name, defer] of Object.entries(later)) {
        const server = await t.listen()
        server.on('connection', (socket) => {
          socket.on('message', () => defer(() => socket.send('reply')))
        })
        const client = await t.raw(server)
        client.socket.end(MESSAGE)
        hold(30)
        await t.within(client.closed, 'the end')
        replies[name] = client.frames
      }
      return { replies }
    },
  },
  {
    name: 'listeners run in no context of the one who made the server',
    members: ["websocket event 'message'", "websocket event 'close'"],
    async run(t) {
      const storage = new AsyncLocalStorage()
      const server = await storage.run('maker', () => t.listen())
      const stores = {}
      const closed = new Promise((resolve) => {
        server.on('connection', (socket) => {
          socket.on('message', () => {
            stores.message = String(storage.getStore())
          })
          socket.on('close', () => {
            stores.close = String(storage.getStore())
            resolve()
          })
        })
      })
      const client = await t.raw(server)
      client.socket.end(MESSAGE)
      await t.within(closed, 'the end')
      return { stores }
    },
  },
]
