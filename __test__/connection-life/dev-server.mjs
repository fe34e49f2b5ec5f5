// A process with a Vite dev server, on its own WebSocket server or on ours.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createLogger, createServer } from 'vite'
import nativeWs from '../../lib/index.mjs'
import { now } from './clock.mjs'
import { answer, settings } from './commands.mjs'

const DELAY_RESOLUTION_MS = 1
const { engine, root, options, watch } = settings()

const faults = []
const logger = createLogger('info', { allowClearScreen: false })
logger.info = () => {}
for (const level of ['warn', 'warnOnce', 'error']) logger[level] = (text) => faults.push(text)

const transport = engine === 'bridged' ? 'bridge' : 'auto'
const server = await createServer({
  root,
  configFile: false,
  envDir: false,
  customLogger: logger,
  plugins: engine === 'vite' ? [] : [nativeWs({ transport, ...options })],
  optimizeDeps: { noDiscovery: true, include: [] },
  server: { host: '127.0.0.1', port: 0, watch: watch ? undefined : null, forwardConsole: false },
})
const { ws } = server
ws.on('echo', (data, client) => client.send('echo', data))
await server.listen()

const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
let heard = 0

function burn(milliseconds) {
  const end = now() + milliseconds
  while (now() < end);
}

function payload(number, bytes) {
  return { number, filler: 'x'.repeat(bytes) }
}

answer({
  about: () => ({ port: server.httpServer.address().port, url: server.resolvedUrls.local[0] }),
  faults: () => faults,
  /** An edit made before the watcher has seen the file goes unnoticed. */
  isWatching: () => Boolean(server.watcher.getWatched()[root]?.includes('two.mjs')),
  stats: () => ({ clients: ws.clients.size, ...ws.stats?.() }),

  /** Bytes in memory once garbage is gone. */
  async memory() {
    for (let round = 0; round < 3; round++) {
      globalThis.gc()
      await new Promise(setImmediate)
    }
    return process.memoryUsage().rss
  },

  broadcast({ event, from, to, bytes }) {
    for (let number = from; number < to; number++) ws.send(event, payload(number, bytes))
  },

  /** What waits for the client at this port. */
  bufferedAmount({ port }) {
    const client = [...ws.clients].find(({ socket }) => socket._socket.remotePort === port)
    return client.socket.bufferedAmount
  },

  /** Broadcasts, and from the same turn of the event loop on blocks JavaScript. */
  block({ milliseconds }) {
    const from = now()
    ws.send('before', null)
    burn(milliseconds)
    return { from, to: now() }
  },

  /** Hears an event at a cost. */
  hear({ event, milliseconds }) {
    ws.on(event, () => {
      heard++
      burn(milliseconds)
    })
  },
  heard: () => heard,

  watchDelays: () => {
    delays.reset()
    delays.enable()
  },
  delays: () => {
    delays.disable()
    const [p50, p99] = [50, 99].map((percentile) => delays.percentile(percentile) / 1e6)
    return { p50, p99, max: delays.max / 1e6 }
  },
})
