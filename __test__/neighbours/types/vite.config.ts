// Compiled, never run: a configuration and a plugin as users of TypeScript write them.
import { defineConfig, type Plugin, type ViteDevServer } from 'vite'
import type { WebSocket } from 'ws'
import nativeWs, { type NativeWsStats } from '../../../index.mjs'
import { connectTestClient } from '../../../testing.js'

function statistics(): Plugin {
  return {
    name: 'statistics',
    configureServer(server) {
      const stats: NativeWsStats = server.ws.stats()
      const { adopted, bridged } = server.ws.stats()
      server.ws.on('stats', (_, client) => client.send('stats', [adopted, bridged, stats]))
      // @ts-expect-error: no such counter
      server.ws.stats().pigeons
    },
  }
}

/** The sockets of `nativeWs` are those of `ws`. */
export function sockets(server: ViteDevServer): WebSocket[] {
  return [...server.ws.clients].map(({ socket }) => socket)
}

export const connect = (server: ViteDevServer) => connectTestClient(server)

export default defineConfig({ plugins: [nativeWs({ keepalive: 0 }), statistics()] })
