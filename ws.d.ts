// The server side of the `ws` package, on threads of its own: `require('vite-native-ws/ws')`.
// Behaviour: ws 8.23 `websocket-server.js` and `websocket.js`, documented in its `doc/ws.md`. What
// differs stands in docs/differences.md. The types are those of `@types/ws`, so that a server goes
// where one of `ws` is expected, and a WebSocket where one is. One long file, since it is
// read beside that of `@types/ws`.

import type { EventEmitter } from 'node:events'
import type { Server as HttpServer, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo as NodeAddressInfo } from 'node:net'
import type { Duplex, DuplexOptions } from 'node:stream'

/**
 * The server's end of one connection. Servers make it; `new WebSocket(url)` throws, because there
 * is no client here.
 */
declare class WebSocket extends EventEmitter {
  /**
   * @param address Null: the server side. A class given as the option `WebSocket` hands all its
   *   arguments to `super`.
   * @throws {Error} `ERR_NATIVE_WS_NO_CLIENT`, for any other address.
   */
  constructor(address: null, protocols?: undefined, options?: WebSocket.ServerOptions)

  /** 0: no connection yet. */
  static readonly CONNECTING: 0
  /** 1: messages can be sent and received. */
  static readonly OPEN: 1
  /** 2: the close handshake is under way, or the connection is being ended. */
  static readonly CLOSING: 2
  /** 3: it is over. */
  static readonly CLOSED: 3
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3

  /**
   * Type of binary messages; `nodebuffer` by default. Text always comes as a Buffer. Other
   * values are ignored. With `fragments` a message is an array of one Buffer, or of none if empty.
   */
  get binaryType(): Exclude<WebSocket.BinaryType, 'blob'>
  /** Read back, `blob` is not among the types, as in `@types/ws`. */
  set binaryType(type: WebSocket.BinaryType)
  /**
   * Bytes that have been sent and not taken by the kernel, frame headers included. Sends to a
   * closing or closed WebSocket are counted for ever.
   */
  readonly bufferedAmount: number
  /** Always empty: no extension is negotiated. */
  readonly extensions: string
  /** Whether {@link pause} has been called, and {@link resume} has not since. */
  readonly isPaused: boolean
  /** The subprotocol of the handshake, or an empty string. */
  readonly protocol: string
  readonly readyState: 0 | 1 | 2 | 3
  /** Undefined: only clients have one. */
  readonly url: any

  onopen: ((event: WebSocket.Event) => void) | null
  onmessage: ((event: WebSocket.MessageEvent) => void) | null
  onerror: ((event: WebSocket.ErrorEvent) => void) | null
  onclose: ((event: WebSocket.CloseEvent) => void) | null

  /**
   * Sends a message, or a part of one. While a Blob is being read, what is sent after it waits.
   *
   * @param data Text is sent as text, all else as binary; see the option `binary`.
   * @param callback Called once: when the frame has been written, or with an error if it was not:
   *   the WebSocket is closing or closed, or was closed first (`ERR_STREAM_DESTROYED`).
   * @throws {Error} While `readyState` is CONNECTING.
   * @throws {TypeError} For a value that has no bytes.
   */
  send(data: WebSocket.BufferLike, callback?: WebSocket.SendCallback): void
  send(
    data: WebSocket.BufferLike,
    options: WebSocket.SendOptions | null | undefined,
    callback?: WebSocket.SendCallback,
  ): void

  /**
   * Sends a ping.
   *
   * @param data At most 125 bytes of what {@link send} takes; or the callback.
   * @param mask Ignored: servers do not mask.
   * @throws {Error} While `readyState` is CONNECTING.
   * @throws {RangeError} For more than 125 bytes.
   */
  ping(data?: any, mask?: boolean, callback?: (error: Error) => void): void

  /** Sends a pong nobody asked for, or the answer to a ping without `autoPong`; see {@link ping}. */
  pong(data?: any, mask?: boolean, callback?: (error: Error) => void): void

  /**
   * Starts the close handshake. What has been sent is written first.
   *
   * @param code 1000 to 1014 without 1004 to 1006, or 3000 to 4999. Without it the frame is empty.
   * @param reason At most 123 bytes.
   * @throws {TypeError} For another code, or a reason that is neither a string nor a Uint8Array.
   * @throws {RangeError} For a longer reason.
   */
  close(code?: number, reason?: string | Uint8Array): void
  /** Ends the connection at once, without a close frame: `close` has the code 1006. */
  terminate(): void
  /** Nothing is emitted until {@link resume}, and beyond a bound nothing is read. */
  pause(): void
  resume(): void

  addEventListener<Type extends keyof WebSocket.WebSocketEventMap>(
    type: Type,
    listener: WebSocket.EventListener<Type>,
    options?: WebSocket.EventListenerOptions,
  ): void
  removeEventListener<Type extends keyof WebSocket.WebSocketEventMap>(
    type: Type,
    listener: WebSocket.EventListener<Type>,
  ): void

  addListener<Name extends keyof WebSocket.Events>(
    event: Name,
    listener: (this: this, ...args: WebSocket.Events[Name]) => void,
  ): this
  addListener(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
  off<Name extends keyof WebSocket.Events>(
    event: Name,
    listener: (this: this, ...args: WebSocket.Events[Name]) => void,
  ): this
  off(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
  on<Name extends keyof WebSocket.Events>(
    event: Name,
    listener: (this: this, ...args: WebSocket.Events[Name]) => void,
  ): this
  on(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
  once<Name extends keyof WebSocket.Events>(
    event: Name,
    listener: (this: this, ...args: WebSocket.Events[Name]) => void,
  ): this
  once(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
  prependListener<Name extends keyof WebSocket.Events>(
    event: Name,
    listener: (this: this, ...args: WebSocket.Events[Name]) => void,
  ): this
  prependListener(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
  prependOnceListener<Name extends keyof WebSocket.Events>(
    event: Name,
    listener: (this: this, ...args: WebSocket.Events[Name]) => void,
  ): this
  prependOnceListener(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
  removeListener<Name extends keyof WebSocket.Events>(
    event: Name,
    listener: (this: this, ...args: WebSocket.Events[Name]) => void,
  ): this
  removeListener(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
}

declare const Itself: typeof WebSocket
interface Itself extends WebSocket {}

declare namespace WebSocket {
  /** The class itself. */
  const WebSocket: typeof Itself
  type WebSocket = Itself

  type BinaryType = 'nodebuffer' | 'arraybuffer' | 'fragments' | 'blob'

  /** Data that can be sent. Arrays of numbers are bytes. */
  type BufferLike =
    | string
    | number
    | ArrayBuffer
    | SharedArrayBuffer
    | NodeJS.ArrayBufferView
    | Blob
    | readonly number[]
    | { valueOf(): ArrayBuffer }
    | { valueOf(): SharedArrayBuffer }
    | { valueOf(): Uint8Array }
    | { valueOf(): readonly number[] }
    | { valueOf(): string }
    | { [Symbol.toPrimitive](hint: string): string }

  /** Type of a message in the events of a browser: text is a string there. */
  type Data = string | RawData

  /**
   * Type of a message: a Buffer, or for binary ones as `binaryType` says. With `blob` it is a
   * Blob, which `@types/ws` does not know.
   */
  type RawData = Buffer | ArrayBuffer | Buffer[]

  /** Called with null when the frame has been written, which `@types/ws` does not say either. */
  type SendCallback = (error?: Error) => void

  interface SendOptions {
    /** Whether the message is binary. By default, whether `data` is neither string nor number. */
    binary?: boolean
    /** Whether this is the last part of the message. Default: true. */
    fin?: boolean
    /** Ignored: no extension is negotiated. */
    compress?: boolean
    /** Ignored: servers do not mask. */
    mask?: boolean
  }

  /** The arguments of each event. */
  interface Events {
    /** The connection is over. 1005: no code was sent; 1006: no close frame was. */
    close: [code: number, reason: Buffer]
    /** The peer broke the protocol: `code` is one of {@link ErrorCode}. Then comes `close`. */
    error: [error: Error & { code?: string }]
    message: [data: RawData, isBinary: boolean]
    /** Emitted before anybody outside the class can listen. */
    open: []
    /** It has been answered, unless `autoPong` is off. */
    ping: [data: Buffer]
    pong: [data: Buffer]
  }

  /** The `code` of the errors in `error` events, and the close code that the peer gets. */
  type ErrorCode =
    /** 1002 */
    | 'WS_ERR_EXPECTED_FIN'
    /** 1002 */
    | 'WS_ERR_EXPECTED_MASK'
    /** 1002 */
    | 'WS_ERR_INVALID_CLOSE_CODE'
    /** 1002 */
    | 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'
    /** 1002 */
    | 'WS_ERR_INVALID_OPCODE'
    /** 1007 */
    | 'WS_ERR_INVALID_UTF8'
    /** 1008 */
    | 'WS_ERR_TOO_MANY_BUFFERED_PARTS'
    /** 1002 */
    | 'WS_ERR_UNEXPECTED_RSV_1'
    /** 1002 */
    | 'WS_ERR_UNEXPECTED_RSV_2_3'
    /** 1009 */
    | 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'
    /** 1009 */
    | 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'

  interface Event {
    readonly type: string
    readonly target: WebSocket
  }

  interface CloseEvent extends Event {
    readonly code: number
    readonly reason: string
    /** Whether close frames went both ways. */
    readonly wasClean: boolean
  }

  interface ErrorEvent extends Event {
    readonly error: any
    readonly message: string
  }

  interface MessageEvent extends Event {
    /** A string for text; for binary what `binaryType` says. */
    readonly data: Data
  }

  interface WebSocketEventMap {
    open: Event
    message: MessageEvent
    error: ErrorEvent
    close: CloseEvent
  }

  interface EventListenerOptions {
    once?: boolean | undefined
  }

  type EventListener<Type extends keyof WebSocketEventMap> =
    | ((this: WebSocket, event: WebSocketEventMap[Type]) => void)
    | { handleEvent(event: WebSocketEventMap[Type]): void }

  /** Argument of `verifyClient`. */
  interface VerifyInfo<Request extends IncomingMessage = IncomingMessage> {
    /** The `Origin` header; for version 8 of the protocol `Sec-WebSocket-Origin`. It may be absent. */
    origin: string
    /** Whether the connection came over TLS. */
    secure: boolean
    req: Request
  }

  /**
   * @param status 401 by default.
   * @param message The body; by default the status in words.
   * @param headers More headers of the answer.
   */
  type VerifyCallback = (
    isVerified: boolean,
    status?: number,
    message?: string,
    headers?: OutgoingHttpHeaders,
  ) => void

  /** Refuses a request by a falsy value, at once. */
  type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> = (
    info: VerifyInfo<Request>,
  ) => unknown

  /** Refuses a request, or lets it in, later. */
  type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> = (
    info: VerifyInfo<Request>,
    callback: VerifyCallback,
  ) => void

  /** Those of `ws`, whatever they are: compression is not negotiated. */
  type PerMessageDeflateOptions = object

  /** Exactly one of `port`, `server` and `noServer` is needed. */
  interface ServerOptions<
    Socket extends typeof WebSocket = typeof WebSocket,
    Request extends typeof IncomingMessage = typeof IncomingMessage,
  > {
    /**
     * Whether several `message`, `ping` and `pong` events of a connection may come in one turn of
     * the event loop. Default: true.
     */
    allowSynchronousEvents?: boolean | undefined
    /** Whether pings are answered. Default: true. */
    autoPong?: boolean | undefined
    /** Connections that may wait for `port` to be accepted. Default: Node's, 511. */
    backlog?: number | undefined
    /** Whether the server keeps {@link WebSocketServer.clients}. Default: true. */
    clientTracking?: boolean | undefined
    /** Milliseconds that a close handshake may take before the connection is cut. Default: 30000. */
    closeTimeout?: number | undefined
    /**
     * Chooses a subprotocol of those that the client offers, or none. By default the first.
     * Called only if some are offered.
     */
    handleProtocols?: (protocols: Set<string>, request: InstanceType<Request>) => string | false
    /** Where to bind `port`. Default: every address. */
    host?: string | undefined
    /** Ignored: bytes are put together as they come, which `maxPayload` bounds. */
    maxBufferedChunks?: number | undefined
    /** Parts of one message; 0 is no limit. Default: 16384. */
    maxFragments?: number | undefined
    /** Bytes of one message; 0 is no limit. Default: 104857600, which is 100 MiB. */
    maxPayload?: number | undefined
    /**
     * Pongs that may wait for one client before nothing more is read from it; 0 is no limit.
     * Default: 60.
     */
    maxPendingAutoPongs?: number | undefined
    /** No server: the caller calls {@link WebSocketServer.handleUpgrade}. Default: false. */
    noServer?: boolean | undefined
    /** The only path whose requests are taken; others get 400. Default: every path. */
    path?: string | undefined
    /** Accepted and ignored: compression is not negotiated. Default: false. */
    perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined
    /** The port of a server of its own; 0 is a free one. */
    port?: number | undefined
    /** A server whose `upgrade` requests are all answered. It is not closed with this one. */
    server?: HttpServer<Request> | HttpsServer<Request> | undefined
    /** Whether text and close reasons are taken without looking at their encoding. Default: false. */
    skipUTF8Validation?: boolean | undefined
    /**
     * Refuses requests, at once or, with two parameters, later. The number of parameters that it
     * declares decides.
     */
    verifyClient?:
      | VerifyClientCallbackAsync<InstanceType<Request>>
      | VerifyClientCallbackSync<InstanceType<Request>>
      | undefined
    /** The class of the connections. */
    WebSocket?: Socket | undefined
    /**
     * `auto` takes plain sockets over from Node and bridges others, `bridge` bridges all.
     * Default: `auto`.
     */
    transport?: 'auto' | 'bridge' | undefined
  }

  /** The arguments of each event. */
  interface ServerEvents<
    Socket extends WebSocket = WebSocket,
    Request extends IncomingMessage = IncomingMessage,
  > {
    /** The server is closed, and so are the connections that it tracked. */
    close: []
    connection: [webSocket: Socket, request: Request]
    /** An error of the HTTP server. */
    error: [error: NodeJS.ErrnoException]
    /** The lines of the 101, which may be changed. */
    headers: [headers: string[], request: Request]
    /** The HTTP server listens. */
    listening: []
    /** A malformed handshake. With a listener, answering it is the listener's. */
    wsClientError: [error: Error, socket: Duplex, request: Request]
  }

  /** A server of WebSockets. */
  class WebSocketServer<
    Socket extends typeof WebSocket = typeof WebSocket,
    Request extends typeof IncomingMessage = typeof IncomingMessage,
  > extends EventEmitter {
    /**
     * @param callback A listener for `listening`, with `port` only.
     * @throws {TypeError} Unless exactly one of `port`, `server` and `noServer` is given.
     */
    constructor(options: ServerOptions<Socket, Request>, callback?: () => void)

    options: ServerOptions<any, any>
    /** Declared as in `@types/ws`, and undefined as in `ws`; the path is `options.path`. */
    path: string
    /** The connections that have not ended; undefined without `clientTracking`. */
    clients: Set<InstanceType<Socket>>

    /**
     * The address of the HTTP server, a string for a pipe; null if it does not listen.
     *
     * @throws {Error} With `noServer`.
     */
    address(): AddressInfo | string | null
    /**
     * Takes no more connections. The present ones live on; `close` is emitted when they have ended.
     *
     * @param callback A listener for `close`. It gets an error if the server was closed already.
     */
    close(callback?: (error?: Error) => void): void
    /**
     * Answers an upgrade request of another server.
     *
     * @param head What came behind the request.
     * @param callback Gets the WebSocket. `connection` is left to the caller.
     * @throws {Error} For a socket that has been answered already.
     */
    handleUpgrade(
      request: InstanceType<Request>,
      socket: Duplex,
      head: Buffer,
      callback: (webSocket: InstanceType<Socket>, request: InstanceType<Request>) => void,
    ): void
    /** Whether a request is for this server: by default, whether its path is `path`. */
    shouldHandle(request: InstanceType<Request>): boolean | Promise<boolean>

    addListener<Name extends keyof ServerEvents<InstanceType<Socket>, InstanceType<Request>>>(
      event: Name,
      listener: (
        this: this,
        ...args: ServerEvents<InstanceType<Socket>, InstanceType<Request>>[Name]
      ) => void,
    ): this
    addListener(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
    off<Name extends keyof ServerEvents<InstanceType<Socket>, InstanceType<Request>>>(
      event: Name,
      listener: (
        this: this,
        ...args: ServerEvents<InstanceType<Socket>, InstanceType<Request>>[Name]
      ) => void,
    ): this
    off(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
    on<Name extends keyof ServerEvents<InstanceType<Socket>, InstanceType<Request>>>(
      event: Name,
      listener: (
        this: this,
        ...args: ServerEvents<InstanceType<Socket>, InstanceType<Request>>[Name]
      ) => void,
    ): this
    on(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
    once<Name extends keyof ServerEvents<InstanceType<Socket>, InstanceType<Request>>>(
      event: Name,
      listener: (
        this: this,
        ...args: ServerEvents<InstanceType<Socket>, InstanceType<Request>>[Name]
      ) => void,
    ): this
    once(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
    prependListener<Name extends keyof ServerEvents<InstanceType<Socket>, InstanceType<Request>>>(
      event: Name,
      listener: (
        this: this,
        ...args: ServerEvents<InstanceType<Socket>, InstanceType<Request>>[Name]
      ) => void,
    ): this
    prependListener(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
    prependOnceListener<
      Name extends keyof ServerEvents<InstanceType<Socket>, InstanceType<Request>>,
    >(
      event: Name,
      listener: (
        this: this,
        ...args: ServerEvents<InstanceType<Socket>, InstanceType<Request>>[Name]
      ) => void,
    ): this
    prependOnceListener(
      event: string | symbol,
      listener: (this: this, ...args: any[]) => void,
    ): this
    removeListener<Name extends keyof ServerEvents<InstanceType<Socket>, InstanceType<Request>>>(
      event: Name,
      listener: (
        this: this,
        ...args: ServerEvents<InstanceType<Socket>, InstanceType<Request>>[Name]
      ) => void,
    ): this
    removeListener(event: string | symbol, listener: (this: this, ...args: any[]) => void): this
  }

  const Server: typeof WebSocketServer
  type Server<
    Socket extends typeof WebSocket = typeof WebSocket,
    Request extends typeof IncomingMessage = typeof IncomingMessage,
  > = WebSocketServer<Socket, Request>

  type AddressInfo = NodeAddressInfo

  /**
   * A duplex stream over a WebSocket. Each chunk that is written is a message; a reader that is
   * slow pauses the WebSocket.
   */
  function createWebSocketStream(webSocket: WebSocket, options?: DuplexOptions): Duplex
}

export = WebSocket
