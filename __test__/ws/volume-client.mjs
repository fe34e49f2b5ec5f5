// The client of volume.test.mjs, in a process of its own: the real `ws`.
import { once } from 'node:events'
import WebSocket from 'ws'
import { answer, settings } from '../support/commands.mjs'
import { Endpoint } from './volume-endpoint.mjs'

const { url, ...plan } = settings()
const socket = new WebSocket(url, { perMessageDeflate: false, rejectUnauthorized: false })
const end = new Endpoint(socket, plan)
const opened = once(socket, 'open')

answer({
  about: () => opened.then(() => true),
  async run() {
    await end.run()
    const closed = once(socket, 'close')
    socket.close(1000)
    await closed
    return end.report
  },
})
