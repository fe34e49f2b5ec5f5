import WebSocket = require('./ws.js')

export import createWebSocketStream = WebSocket.createWebSocketStream
export import Server = WebSocket.Server
export import WebSocketServer = WebSocket.WebSocketServer
export type {
  AddressInfo,
  BinaryType,
  BufferLike,
  CloseEvent,
  Data,
  ErrorEvent,
  Event,
  EventListenerOptions,
  MessageEvent,
  PerMessageDeflateOptions,
  RawData,
  SendCallback,
  SendOptions,
  ServerOptions,
  VerifyCallback,
  VerifyClientCallbackAsync,
  VerifyClientCallbackSync,
  VerifyInfo,
  WebSocketEventMap,
} from './ws.js'
export { WebSocket, WebSocket as default }
