import { snapshot } from '../snapshot.mjs'

function shown(event, target) {
  const fields = {}
  for (const key in event)
    fields[key] = key === 'target' ? event.target === target : snapshot(event[key])
  const own = Object.keys(event)
  return [event.constructor.name, fields, own]
}

export default [
  {
    name: 'listeners get the event classes of ws',
    members: [
      'websocket.addEventListener(type, listener[, options])',
      "websocket event 'message'",
      "websocket event 'close'",
    ],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = []
      for (const type of ['open', 'message', 'close', 'error', 'ping', 'nonsense']) {
        socket.addEventListener(type, function listener(event) {
          log.push([...shown(event, socket), this === socket])
        })
      }
      const counts = ['message', 'close', 'ping', 'nonsense'].map((name) =>
        socket.listenerCount(name),
      )
      socket.emit('open')
      socket.emit('error', new TypeError('made up'))
      client.send('text')
      client.send(Buffer.from('bytes'))
      client.close(1000, 'reason')
      await t.until(() => log.length === 5, 'five events')
      return { log, counts }
    },
  },
  {
    name: 'wasClean is false without a close frame',
    members: ['websocket.addEventListener(type, listener[, options])'],
    async run(t) {
      const server = await t.listen()
      const log = []
      for (const end of ['client terminates', 'server terminates', 'server closes']) {
        const { socket, client } = await t.join(server)
        const closed = new Promise((resolve) => {
          socket.addEventListener('close', ({ code, reason, wasClean }) => {
            log.push([end, code, reason, wasClean])
            resolve()
          })
        })
        if (end === 'client terminates') client.terminate()
        else if (end === 'server terminates') socket.terminate()
        else socket.close(1000, 'x')
        await t.within(closed, 'the close')
      }
      return { log }
    },
  },
  {
    name: 'handleEvent objects listen, once is once, and a listener is added once',
    members: [
      'websocket.addEventListener(type, listener[, options])',
      'websocket.removeEventListener(type, listener)',
    ],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = []
      const object = {
        name: 'object',
        handleEvent(event) {
          log.push([this.name, event.data])
        },
      }
      const listener = ({ data }) => log.push(['function', data])
      const once = ({ data }) => log.push(['once', data])
      const removedOnce = ({ data }) => log.push(['removed once', data])
      socket.addEventListener('message', object)
      socket.addEventListener('message', object)
      socket.addEventListener('message', listener)
      socket.addEventListener('message', listener, { once: true })
      socket.addEventListener('message', once, { once: true })
      socket.addEventListener('message', removedOnce, { once: true })
      socket.removeEventListener('message', removedOnce)
      const counts = [socket.listenerCount('message')]
      client.send('one')
      await t.until(() => log.length === 3, 'the first message')
      counts.push(socket.listenerCount('message'))
      socket.removeEventListener('message', object)
      socket.removeEventListener('message', () => {})
      client.send('two')
      await t.until(() => log.length === 4, 'the second message')
      socket.removeEventListener('message', listener)
      counts.push(socket.listenerCount('message'))
      return { log, counts }
    },
  },
  {
    name: 'on attributes hold one listener each',
    members: ['websocket.onclose', 'websocket.onerror', 'websocket.onmessage', 'websocket.onopen'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = []
      const names = ['onopen', 'onmessage', 'onerror', 'onclose']
      const initial = names.map((name) => socket[name])
      const kept = names.map((name) => {
        socket[name] = () => log.push('replaced')
        const listener = (event) => log.push(shown(event, socket))
        socket[name] = listener
        return socket[name] === listener
      })
      const same = ({ data }) => log.push(['same', data])
      socket.onmessage = same
      socket.addEventListener('message', same)
      const counts = names.map((name) => socket.listenerCount(name.slice(2)))
      socket.emit('open')
      socket.emit('error', new Error('made up'))
      client.send('text')
      await t.until(() => log.length === 4, 'four events')
      socket.removeEventListener('message', same)
      const keptAttribute = socket.onmessage === same
      socket.onmessage = null
      const cleared = [socket.onmessage, socket.listenerCount('message')]
      for (const value of [undefined, 'text', {}]) {
        socket.onmessage = value
        cleared.push(socket.onmessage)
      }
      const closed = t.event(socket, 'close')
      client.close()
      await closed
      return { initial, kept, counts, keptAttribute, cleared, log }
    },
  },
  {
    name: 'listeners come and go by every method of an emitter',
    members: ["websocket event 'message'", "websocket event 'ping'", "websocket event 'pong'"],
    async run(t) {
      const { socket, client } = await t.pair({ autoPong: false })
      const log = []
      const listener = (name) => (data) => log.push([name, String(data)])
      const kept = listener('prepended')
      const removed = listener('removed')
      socket.addListener('message', removed)
      socket.on('message', listener('on'))
      socket.once('message', listener('once'))
      socket.prependListener('message', kept)
      socket.prependOnceListener('message', listener('prepended once'))
      socket.off('message', removed)
      client.send('1')
      await t.until(() => log.length === 4, 'the first message')
      socket.removeAllListeners('message')
      socket.on('ping', listener('ping')).on('pong', listener('pong'))
      client.send('unheard')
      client.ping('2')
      client.pong('3')
      await t.until(() => log.length === 6, 'ping and pong')
      const returned =
        socket.on('message', kept) === socket && socket.off('message', kept) === socket
      socket.removeAllListeners()
      socket.on('message', kept)
      client.send('4')
      await t.until(() => log.length === 7, 'the last message')
      return { log, returned, names: socket.eventNames() }
    },
  },
  {
    name: 'open is not emitted to whom gets a WebSocket from a server',
    members: ["websocket event 'open'", 'websocket.onopen'],
    async run(t) {
      const { socket, client } = await t.pair()
      const log = []
      socket.on('open', () => log.push('open'))
      socket.onopen = () => log.push('onopen')
      const heard = t.event(socket, 'message')
      client.send('x')
      await heard
      return { log, readyState: socket.readyState }
    },
    expected: { log: [], readyState: 1 },
  },
  {
    name: 'removeEventListener() without a handler leaves the one of the attribute',
    members: ['websocket.removeEventListener(type, listener)', 'websocket.onmessage'],
    async run(t) {
      const { socket } = await t.pair()
      socket.onmessage = () => {}
      socket.removeEventListener('message', undefined)
      socket.removeEventListener('message')
      return { count: socket.listenerCount('message'), type: typeof socket.onmessage }
    },
  },
]
