import WebSocket = require('./ws.js')

export import createWebSocketStream = WebSocket.createWebSocketStream
export import Server = WebSocket.Server
export import WebSocketServer = WebSocket.WebSocketServer
export type {
  BinaryType,
  CloseEvent,
  Data,
  ErrorEvent,
  Event,
  MessageEvent,
  RawData,
  SendCallback,
  SendOptions,
  ServerOptions,
  VerifyCallback,
  VerifyInfo,
} from './ws.js'
export { WebSocket, WebSocket as default }
