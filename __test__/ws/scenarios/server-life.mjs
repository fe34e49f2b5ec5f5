import { outcome, snapshot } from '../snapshot.mjs'

export default [
  {
    name: 'clients holds the connections until their close',
    members: ['server.clients', 'option clientTracking'],
    async run(t) {
      const { server, socket, client } = await t.pair()
      const other = await t.join(server)
      const before = [
        server.clients.size,
        server.clients.has(socket),
        server.clients instanceof Set,
      ]
      let atClose
      socket.on('close', () => {
        atClose = [server.clients.size, server.clients.has(socket)]
      })
      client.close()
      await t.event(socket, 'close')
      return { before, atClose, other: server.clients.has(other.socket) }
    },
  },
  {
    name: 'without clientTracking there is no clients, and close() waits for nobody',
    members: ['option clientTracking', 'server.close([callback])'],
    async run(t) {
      const shared = await t.http()
      const { server, socket, client } = await t.pair({
        clientTracking: false,
        server: shared,
      })
      const clients = outcome(() => server.clients)
      server.close()
      await t.event(server, 'close')
      socket.send('still here')
      await t.until(() => client.log.length > 0, 'the message')
      const { readyState } = socket
      const log = [...client.log]
      client.terminate()
      await t.event(socket, 'close')
      return { clients, readyState, log }
    },
    expected: { clients: 'undefined', readyState: 1, log: ['text Buffer "still here"'] },
  },
  {
    name: 'close() of an own port waits for the connections, and lets them live',
    members: ['server.close([callback])', "server event 'close'"],
    async run(t) {
      const { server, socket, client } = await t.pair()
      const log = []
      server.on('close', (...args) => log.push(['server', args]))
      server.close((...args) => log.push(['callback', snapshot(args)]))
      server.close((...args) => log.push(['second callback', snapshot(args)]))
      const heard = t.event(socket, 'message')
      client.send('x')
      await heard
      const before = [socket.readyState, log.length]
      const closed = t.event(socket, 'close')
      client.close()
      await Promise.all([t.event(server, 'close'), closed])
      return { log, before, clients: server.clients.size }
    },
  },
  {
    name: 'close() of a shared server waits for the connections',
    members: ['server.close([callback])', "server event 'close'", 'option server'],
    async run(t) {
      const shared = await t.http()
      const { server, socket, client } = await t.pair({ server: shared })
      const log = []
      socket.on('close', () => log.push('socket'))
      server.close(() => log.push('callback'))
      server.on('close', () => log.push('server'))
      client.close()
      await t.event(server, 'close')
      return { log, listening: shared.listening }
    },
    expected: { log: ['socket', 'callback', 'server'], listening: true },
  },
  {
    name: 'close() after close() calls back an error',
    members: ['server.close([callback])'],
    async run(t) {
      const log = []
      for (const options of [{ noServer: true }, { port: 0 }]) {
        const server = t.server(options)
        if (options.port === 0) await t.event(server, 'listening')
        server.close((...args) => log.push(['first', snapshot(args)]))
        await t.event(server, 'close')
        server.close((...args) => log.push(['second', snapshot(args)]))
        await t.event(server, 'close')
      }
      return { log }
    },
  },
  {
    name: 'a closing server refuses new connections',
    members: ['server.close([callback])'],
    async run(t) {
      const shared = await t.http()
      const { server } = await t.pair({ server: shared })
      const { port } = shared.address()
      const args = new Promise((resolve) => shared.once('upgrade', (...all) => resolve(all)))
      server.close()
      const answer = t.answer(port)
      server.handleUpgrade(...(await args), () => {})
      return { answer: await answer }
    },
  },
  {
    name: 'close() of a server with a port goes by its connections, whatever listeners are left',
    members: ['server.close([callback])'],
    async run(t) {
      const { server, socket } = await t.pair()
      socket.removeAllListeners()
      socket.terminate()
      await t.within(new Promise((resolve) => server.close(resolve)), 'the end of the server')
      return { clients: server.clients.size }
    },
  },
]
