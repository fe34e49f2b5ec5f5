// A process with a server of this package, at a limit of the system that its test sets.
import http from 'node:http'
import { createWebSocketServer } from '../../lib/index.mjs'
import { answer } from '../support/commands.mjs'

const NOBODY = 65_534
const warnings = []
const server = http.createServer()
const ws = createWebSocketServer(server, { logger: { warn: (text) => warnings.push(text) } })
ws.on('echo', (data, client) => client.send('echo', data))
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
// The limit of processes is not held against root.
if (process.getuid() === 0) {
  process.setgid(NOBODY)
  process.setuid(NOBODY)
}

answer({
  about: () => ({ port: server.address().port, uid: process.getuid(), gid: process.getgid() }),
  warnings: () => warnings,
  stats: () => ws.stats(),
})
