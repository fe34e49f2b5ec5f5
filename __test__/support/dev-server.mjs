// Vite dev servers that read no configuration, watch nothing and print nothing, unless told to.
import { KeptLog } from './logger.mjs'

/**
 * The configuration of such a server.
 *
 * @param {import('vite').InlineConfig} [inline] What differs
 */
export function inlineConfig({ server, optimizeDeps, ...inline } = {}) {
  return {
    configFile: false,
    ...inline,
    server: { host: '127.0.0.1', port: 0, watch: null, forwardConsole: false, ...server },
    optimizeDeps: { noDiscovery: true, include: [], ...optimizeDeps },
  }
}

/**
 * A dev server of Vite, which listens unless it is a middleware.
 *
 * @param {{ after(end: () => unknown): void } | undefined} t Closes it after its test
 * @param {import('vite').InlineConfig} [inline]
 * @param {object} [options]
 * @param {typeof import('vite')} [options.vite] Of another major
 * @param {boolean} [options.listens]
 */
export async function startVite(t, inline = {}, { vite, listens = true } = {}) {
  const { createServer } = vite ?? (await import('vite'))
  const log = new KeptLog()
  const config = inlineConfig({ envDir: false, customLogger: log.logger, ...inline })
  const server = await createServer(config)
  t?.after(() => server.close())
  if (listens && !config.server.middlewareMode) await server.listen()
  return {
    server,
    ws: server.ws,
    log,
    token: server.config.webSocketToken,
    get port() {
      return server.httpServer?.address()?.port
    },
  }
}

/** Waits until the watcher has seen a file: an edit made before goes unnoticed. */
export function isWatching(server, folder, file) {
  return Boolean(server.watcher.getWatched()[folder]?.includes(file))
}
