import { fileURLToPath } from 'node:url'
import { createLogger, createServer } from 'vite'

const [, , kind] = process.argv
const UNANSWERED_MS = 700
const root = fileURLToPath(new URL('fixture', import.meta.url))

/**
 * What the catalogue needs to see: the canary's broadcast, and what a plugin's listener was given.
 */
const witness = {
  name: 'witness',
  configureServer({ ws, httpServer }) {
    if (process.env.HOSTILE_TOUCHED) ws.on('connection', listenToEverything)
    httpServer.on('upgrade', endWhenUnanswered)
    ws.on('canary:ask', (data) => ws.send('canary', data))
    ws.on('hostile:echo', (data, client) => {
      try {
        client.send('hostile:reply', { type: typeof data, data })
      } catch (error) {
        // What JSON.parse read from a deep nest, JSON.stringify may not be able to write.
        client.send('hostile:reply', error.name)
      }
    })
    ws.on('5', (_, client) => client.send('hostile:reply', 'the listener of "5"'))
  },
}

/** The other way through the server: a plugin that looks at the raw socket. */
function listenToEverything(socket) {
  const tell = (heard) => process.connected && process.send({ heard })
  tell('open')
  for (const event of ['message', 'ping', 'pong']) socket.on(event, () => {})
  socket.on('error', ({ code, message }) => tell(`error ${code} ${message}`))
  socket.on('close', (code, reason) => tell(`close ${code} ${reason}`.trimEnd()))
}

/** As socket.io does it; without it, what nobody answers stays with Node for ever. */
function endWhenUnanswered(_request, socket) {
  setTimeout(() => {
    if (socket.bytesWritten === 0) socket.destroy()
  }, UNANSWERED_MS)
}

const logger = createLogger('info', { allowClearScreen: false })
for (const level of ['info', 'warn', 'warnOnce', 'error']) {
  logger[level] = (message) => process.connected && process.send({ log: `${level}: ${message}` })
}

const plugins = [witness]
if (kind !== 'vite') {
  const { default: nativeWs } = await import('../../lib/index.mjs')
  plugins.push(nativeWs(kind === 'bridged' ? { transport: 'bridge' } : {}))
}

const server = await createServer({
  root,
  configFile: false,
  envDir: false,
  customLogger: logger,
  plugins,
  optimizeDeps: { noDiscovery: true, include: [] },
  server: {
    host: '127.0.0.1',
    port: Number(process.env.HOSTILE_PORT),
    strictPort: true,
    forwardConsole: true,
    watch: null,
  },
})
await server.listen()
// The module graph must know the module that `vite:invalidate` names.
await server.environments.client.transformRequest('/main.mjs')

process.on('message', () => {
  globalThis.gc?.()
  process.send({ collected: true })
})
process.on('disconnect', () => process.exit())
process.send({ token: server.config.webSocketToken })
