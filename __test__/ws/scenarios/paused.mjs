// A socket that is not read, and whose peer goes.
import { setTimeout as delay } from 'node:timers/promises'
import { frame, OPCODE } from '../../support/frame.mjs'

const LEAVE = {
  end: (client) => client.socket.end(),
  reset: (client) => client.socket.resetAndDestroy(),
  async 'reset behind a message'(client) {
    client.write(frame(OPCODE.text, 'last'))
    // A reset that comes together with it takes it back.
    await delay(50)
    client.socket.resetAndDestroy()
  },
}

export default Object.entries(LEAVE).map(([name, leave]) => ({
  name: `a paused socket hears that its peer has gone (${name})`,
  members: ['websocket.pause()', "websocket event 'close'"],
  async run(t) {
    const server = await t.listen()
    const connection = t.event(server, 'connection')
    const client = await t.raw(server)
    const [socket] = await connection
    const heard = []
    socket.on('message', (data) => heard.push(String(data)))
    socket.pause()
    const closed = t.event(socket, 'close')
    await leave(client)
    const [code] = await closed
    heard.push(code)
    return { heard, state: socket.readyState, clients: server.clients.size }
  },
}))
