// A server with the interface of `ws` that sends a burst and ends in the middle of it.
import http from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import { answer, settings } from '../../support/commands.mjs'
import { listen } from '../../support/port.mjs'

const require = createRequire(import.meta.url)
const { carrier, tls } = settings()
const { WebSocketServer } = carrier === 'ws' ? require('ws') : require('../../../lib/ws/index.js')

const server = tls ? https.createServer(tls) : http.createServer()
const wss = new WebSocketServer({
  server,
  ...(carrier === 'ws' ? {} : { transport: carrier === 'bridged' ? 'bridge' : 'auto' }),
})
const port = await listen(server)

const send = (number, length) => {
  const text = `${number} ${'x'.repeat(length)}`
  for (const client of wss.clients) client.send(text)
}
const each = (act) => () => {
  for (const client of wss.clients) act(client)
}

const ENDINGS = {
  close: each((client) => client.close(1000)),
  terminate: each((client) => client.terminate()),
  exit: () => process.exit(),
  // As Vite's own listener for it does, in the end.
  signal: () => process.kill(process.pid, 'SIGTERM'),
}
process.on('SIGTERM', () => process.exit())

answer({
  about: () => ({ port }),
  size: () => wss.clients.size,
  carriers: () => [...wss.clients].map((client) => client._connection?.transport),
  /** Sends `count` messages, `batch` in a turn, and ends behind the one with the number `at`. */
  async burst({ count, batch, lengths, at, ending }) {
    for (let number = 0; number < count; number++) {
      send(number, lengths[number % lengths.length])
      if (number === at) ENDINGS[ending]()
      if (number % batch === batch - 1) await new Promise(setImmediate)
    }
  },
  /** A client's message closes all, behind a reply. */
  async listen() {
    for (const client of wss.clients) {
      client.on('message', (text) => {
        client.send(`0 ${text}`)
        wss.close()
        for (const other of wss.clients) other.terminate()
      })
    }
  },
  /** The process ends, and a listener of that sends the last message. */
  exit({ length, isLast }) {
    process.on('exit', () => send(0, length))
    if (!isLast) send(0, length)
    process.exit()
  },
})
