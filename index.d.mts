export type * from './index.js'
export { createWebSocketServer, nativeWs, nativeWs as default } from './index.js'
