export { createWebSocketServer, nativeWs, nativeWs as default } from './index.js'
