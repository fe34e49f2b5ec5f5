import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'vite'
import { selfSigned } from '../../__test__/support/certificate.mjs'
import { callOrders } from './calls.mjs'
import { obey } from './control.mjs'

const https = process.env.BENCH_HTTPS ? await selfSigned() : undefined

/**
 * A dev server of Vite, over https if `BENCH_HTTPS` is set, that carries out the driver's orders.
 *
 * @param {import('vite').Plugin[]} plugins
 */
export async function serveVite(plugins) {
  const root = mkdtempSync(join(tmpdir(), 'bench-vite-'))
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'silent',
    appType: 'custom',
    optimizeDeps: { noDiscovery: true, include: [] },
    plugins,
    server: { host: '127.0.0.1', port: 0, watch: null, https },
  })
  await server.listen()
  rmSync(root, { recursive: true })
  const { ws } = server
  obey(
    {
      port: server.httpServer.address().port,
      isTls: https !== undefined,
      send: (payload) => ws.send(payload),
      on: (event, listener) => ws.on(event, listener),
      clients: () => ws.stats?.().clients ?? ws.clients.size,
    },
    callOrders(ws),
  )
}
