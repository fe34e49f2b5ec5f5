import entry from './index.js'

export const { nativeWs, createWebSocketServer } = entry
export default nativeWs
