// @ts-nocheck TypeScript sees no properties that a CommonJS module adds to its class.
import WebSocket from './index.js'

export const { createWebSocketStream, Server, WebSocketServer } = WebSocket
export { WebSocket, WebSocket as default }
