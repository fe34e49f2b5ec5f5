// A process with a Vite dev server, on its own WebSocket server or on ours.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import nativeWs from '../../../lib/index.mjs'
import { answer, settings } from '../../support/commands.mjs'
import { isWatching, startVite } from '../../support/dev-server.mjs'
import { now } from '../../support/figures.mjs'

const DELAY_RESOLUTION_MS = 1
const { carrier, root, options, watch } = settings()

const transport = carrier === 'bridged' ? 'bridge' : 'auto'
const { server, ws, log, port } = await startVite(undefined, {
  root,
  plugins: carrier === 'vite' ? [] : [nativeWs({ transport, ...options })],
  server: { watch: watch ? undefined : null },
})
ws.on('echo', (data, client) => client.send('echo', data))

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
  about: () => ({ port, url: server.resolvedUrls.local[0] }),
  faults: () => log.faults,
  isWatching: () => isWatching(server, root, 'two.mjs'),
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
