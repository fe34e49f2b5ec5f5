// A process with a Vite dev server, on its own WebSocket server or on ours.
import { fileURLToPath } from 'node:url'
import { createLogger } from 'vite'
import { answer, settings, tell } from '../support/commands.mjs'
import { startVite } from '../support/dev-server.mjs'

const { name, port, touched } = settings()
const UNANSWERED_MS = 700
const root = fileURLToPath(new URL('fixture', import.meta.url))

/**
 * What the catalogue needs to see: the canary's broadcast, and what a plugin's listener was given.
 */
const witness = {
  name: 'witness',
  configureServer({ ws, httpServer }) {
    if (touched) ws.on('connection', listenToEverything)
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
  const hear = (heard) => tell({ heard })
  hear('open')
  for (const event of ['message', 'ping', 'pong']) socket.on(event, () => {})
  socket.on('error', ({ code, message }) => hear(`error ${code} ${message}`))
  socket.on('close', (code, reason) => hear(`close ${code} ${reason}`.trimEnd()))
}

/** As socket.io does it; without it, what nobody answers stays with Node for ever. */
function endWhenUnanswered(_request, socket) {
  setTimeout(() => {
    if (socket.bytesWritten === 0) socket.destroy()
  }, UNANSWERED_MS)
}

const customLogger = createLogger('info', { allowClearScreen: false })
for (const level of ['info', 'warn', 'warnOnce', 'error']) {
  customLogger[level] = (message) => tell({ log: `${level}: ${message}` })
}

const plugins = [witness]
if (name !== 'vite') {
  const { default: nativeWs } = await import('../../lib/index.mjs')
  plugins.push(nativeWs(name === 'bridged' ? { transport: 'bridge' } : {}))
}

const { server, token } = await startVite(undefined, {
  root,
  customLogger,
  plugins,
  server: { port, strictPort: true, forwardConsole: true },
})
// The module graph must know the module that `vite:invalidate` names.
await server.environments.client.transformRequest('/main.mjs')

answer({
  about: () => ({ token }),
  collect: () => globalThis.gc?.(),
})
