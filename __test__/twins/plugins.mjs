// What every app's configuration adds: the plugin under test, and the suite's hands in its process.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const nativeWs = createRequire(import.meta.url)('../../lib/index.js').default

export function twins(options) {
  return [hands(), nativeWs(options)]
}

function hands() {
  return {
    name: 'twins',
    config: () => ({
      // Not beside the packages, where other runs would have theirs.
      cacheDir: join(process.cwd(), '.vite'),
      server: {
        https: process.env.TWINS_HTTPS ? JSON.parse(process.env.TWINS_HTTPS) : undefined,
        // The packages lie outside of the app's folder.
        fs: { strict: false },
      },
    }),
    configureServer(server) {
      process.on('message', ({ block }) => {
        if (!block) return process.send({ free: true })
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, block)
      })
      server.watcher.on('change', () => process.send({ changed: true }))
      server.middlewares.use('/__twins', (_request, response) => {
        response.end(JSON.stringify({ stats: server.ws.stats?.() }))
      })
    },
  }
}
