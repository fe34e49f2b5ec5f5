// What a user writes. check.mjs makes one of it for every major and each kind of module.
import http from 'node:http'
import type { PluginOption, ResolvedConfig, UserConfig, ViteDevServer } from 'vite8'
import nativeWs, { createWebSocketServer, type NativeWebSocketServer } from '../../../index.mjs'

declare const config: ResolvedConfig

/** What Vite's own function returns is what ours returns. */
export const ws: ViteDevServer['ws'] = createWebSocketServer(http.createServer(), config)
ws.send('event', { any: 'data' })
ws.send({ type: 'full-reload' })
ws.on('connection', (socket, request) => socket.send(String(request.url)))
ws.on('event', (data, client) => client.send('event', data))
for (const client of ws.clients) client.socket.ping()

export const own: NativeWebSocketServer = createWebSocketServer(null)
own.on('event', (data, client) => client.send('event', data))
own.on('connection', (socket, request) => socket.close(4000, request.url))
export const adopted: number = createWebSocketServer().stats().adopted

export const plugin: PluginOption = nativeWs({ keepalive: 0 })
export const user: UserConfig = { plugins: [nativeWs()] }
