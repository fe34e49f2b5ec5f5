/**
 * Vite's hot-update WebSocket server as a native addon. All that users import from here is documented
 * in this file, which is long for that.
 *
 * @packageDocumentation
 */

import type { IncomingMessage } from 'node:http'
import type { ServerOptions as HttpsServerOptions } from 'node:https'
import type { Duplex } from 'node:stream'

/** Options of this package, beside those of Vite's own `server.ws` (before 8.1, `server.hmr`). */
export interface NativeWsOptions {
  /**
   * How connections leave Node. `auto` takes plain TCP and Unix sockets over by file descriptor, and
   * leaves all others (TLS, any Duplex, Windows) with Node, over a bridge; `bridge` leaves all. The
   * environment variable `VITE_NATIVE_WS_TRANSPORT=bridge` does the same.
   *
   * @default 'auto'
   */
  transport?: 'auto' | 'bridge'
  /**
   * Silence in milliseconds after which a client is sent a ping frame. After twice as long it is
   * dropped (close code 1006) if it was given the ping and did not answer, or if its system
   * acknowledges nothing. A client that does not read what waits before the ping, as a page at a
   * breakpoint, is kept while its system answers (Linux; elsewhere until TCP gives it up). 0 turns it
   * off. The default is below the idle limits of common proxies, which begin at 25 s.
   *
   * @default 20000
   */
  keepalive?: number
  /**
   * Longest message taken from a client, in bytes. A longer one closes its connection with 1009.
   *
   * @default 104857600
   */
  maxPayload?: number
  /**
   * Milliseconds that a close handshake may take before the connection is cut.
   *
   * @default 30000
   */
  closeTimeout?: number
  /**
   * Bytes that may wait for a client that has taken nothing for a second. Eight times as many, 64 MiB
   * by default, may wait for one that takes what it is sent, if slower than it comes, and for what is
   * sent in one turn of the event loop. Above either `overflow` decides. Each message that waits
   * counts 128 bytes more; one that is longer than the bounds is sent if nothing waits before it.
   *
   * Nothing that is called waits for a client: a `send` above the bounds returns at once.
   *
   * @default 8388608
   */
  highWaterMark?: number
  /**
   * Waiting bytes at which such a client counts as reading again.
   *
   * @default 1048576
   */
  lowWaterMark?: number
  /**
   * Policy for a client above the high-water mark. `reload` drops what it has not been sent
   * and sends it a reload once it reads again; `close` closes it with 1013; `keep` queues without
   * bound, as Vite does. What was sent by `socket.send` is never dropped: the rest gives way to it, and
   * where that is not enough the client is closed with 1013 under `reload` as well. Its socket is
   * `CLOSING` from then on.
   *
   * @default 'reload'
   */
  overflow?: 'reload' | 'close' | 'keep'
  /**
   * Clients that may be connected at once; one more is refused with 503.
   *
   * @default 10000
   */
  maxClients?: number
  /**
   * Keep more than Vite does for clients that come later: an error until an update or a reload
   * clears it, for every new tab; and custom events sent before the first client (the last 256, at
   * most 256 KiB), in order, for the first.
   *
   * @default false
   */
  retain?: boolean
  /**
   * Milliseconds after which an upgrade request that nobody has answered is refused with 404.
   * 0 leaves it open, as Vite does: somebody may answer late.
   *
   * @default 0
   */
  unclaimedTimeout?: number
  /**
   * Whether a page that lost its connection comes back without being reloaded: it gets the updates
   * that it missed, or, where they are not kept any more, reloads as it would without this.
   * See `docs/reconnect.md` in the repository.
   *
   * @default true
   */
  reconnect?: boolean | ReconnectOptions
  /**
   * The version of Vite to behave like, such as `"7.3.8"`. The plugin knows it;
   * `createWebSocketServer` behaves like the newest.
   */
  viteVersion?: string
  /**
   * Serve the inspector at `/__ws` under the dev server's `base` (the plugin only): clients, messages
   * and counters, live. It records nothing while no page has it open. An object sets its bounds.
   * With it come the connection check at `/__ws/check`, and the lines in the terminal and in the page's
   * console that name it when a page does not connect. See `docs/networks.md` in the repository.
   *
   * @default true
   */
  inspector?: boolean | InspectorOptions
}

/** Bounds of the inspector, and its metrics. */
export interface InspectorOptions {
  /**
   * Messages and events that it keeps while it is open.
   *
   * @default 1000
   */
  messages?: number
  /**
   * Bytes that they may take together, about 2 KiB for each included.
   *
   * @default 8388608
   */
  bytes?: number
  /**
   * Bytes kept of one payload.
   *
   * @default 16384
   */
  payload?: number
  /**
   * Serve the counters at `/__ws/metrics` in Prometheus' text format.
   *
   * @default false
   */
  metrics?: boolean
}

/** Bounds of what is kept for pages that come back. */
export interface ReconnectOptions {
  /**
   * Send the custom events that a page missed again. Without it, a page that missed one is reloaded.
   *
   * @default true
   */
  customEvents?: boolean
  /**
   * Messages kept.
   *
   * @default 1000
   */
  maxMessages?: number
  /**
   * Bytes of messages kept.
   *
   * @default 8388608
   */
  maxBytes?: number
  /**
   * Milliseconds that a message is kept.
   *
   * @default 600000
   */
  maxAge?: number
}

/** Result of `stats()`. Fields may be added. */
export interface NativeWsStats {
  /** Always `'native'`: Vite's own server has no `stats`. */
  engine: 'native'
  /** Clients connected now. */
  clients: number
  /** Connections taken over by file descriptor so far. */
  adopted: number
  /** Connections whose bytes JavaScript carries, so far. */
  bridged: number
  /** Messages not sent so far, because a client did not read. */
  droppedMessages: number
  /** Clients dropped so far because they did not answer keepalive pings. */
  keepaliveTimeouts: number
  /** Names this server: random, another one after every restart. */
  session: string
  /** Milliseconds since the server was made. */
  uptime: number
  /** I/O threads that serve, or have served, its connections. Bridged ones need none. */
  ioThreads: number
  /** Clients that have connected so far. */
  clientsTotal: number
  /** Whole messages from clients, and written to them; control frames are not among them. */
  messages: NativeWsTraffic
  /** Frames, control frames among them. */
  frames: NativeWsTraffic
  /** Bytes of frames, their headers among them; handshakes are not. */
  bytes: NativeWsTraffic
  /** Payloads sent to all clients at once. */
  broadcasts: number
  /** How often a client came over its high-water mark and lost something. */
  overflows: number
  /** Keepalive pings sent. */
  pings: number
  /** Pages that came back after their connection had broken, and went on without a reload. */
  returns: number
  /** Pages whose connection broke and that are not expected any more. */
  pagesGivenUp: number
  /**
   * Pages told to reload, or that have by themselves, by cause: a `full-reload` of Vite's or of a plugin's
   * (a page of another path ignores it), messages that it did not read, another server than the one it
   * was loaded from, a return that could not make up for what was missed.
   */
  reloads: Record<'fullReload' | 'overflow' | 'restart' | 'notResumed', number>
  /**
   * Upgrade requests refused, by reason: no WebSocket handshake, a Host that is not allowed, a token
   * that is missing or wrong, a malformed list of subprotocols, `maxClients`, a closed server, a process
   * at its limit of threads or file descriptors.
   */
  refusals: Record<
    'handshake' | 'host' | 'token' | 'protocol' | 'full' | 'closed' | 'exhausted',
    number
  >
  /**
   * Upgrade requests for this server that another listener of the HTTP server answered: before this one,
   * or as well, which breaks the connection.
   */
  conflicts: Record<'taken' | 'broken', number>
  /** Clients that have left, by close code (RFC 6455, 7.4); 1006 stands for no close frame. */
  closes: Record<string, number>
  /** Clients that have left, by the reason why. */
  disconnects: Partial<Record<DisconnectReason, number>>
  /** The clients connected now, oldest first. */
  perClient: NativeWsClientStats[]
}

/**
 * Why a client left; the same names stand in logs, in the inspector and in `docs/inspector.md`. The
 * first failure counts; without one, the first step of the closing.
 */
export type DisconnectReason =
  | 'clientClosed'
  | 'connectionLost'
  | 'serverClosed'
  | 'terminated'
  | 'serverShutdown'
  | 'keepaliveTimeout'
  | 'closeTimeout'
  | 'overflow'
  | 'protocolError'

/** Counts of both directions. */
export interface NativeWsTraffic {
  in: number
  out: number
}

/** One client in `stats()`. */
export interface NativeWsClientStats {
  /** Its number, from 1 in the order of arrival at this server; logs and the inspector use it too. */
  id: number
  /** Its IP address; empty for a socket that has none. */
  address: string
  /** The `User-Agent` of its upgrade request, cut at 256 characters. */
  userAgent: string
  /** How its bytes travel. */
  transport: 'adopted' | 'bridged'
  /** When it connected, in milliseconds since 1970. */
  connectedSince: number
  /** When its last byte came, in milliseconds since 1970. */
  lastSeen: number
  /** From the last keepalive ping to its pong in milliseconds; null before the first. */
  roundTrip: number | null
  /** Bytes sent to it and not yet written. */
  queuedBytes: number
  messages: NativeWsTraffic
  frames: NativeWsTraffic
  bytes: NativeWsTraffic
}

/** A payload of Vite's protocol; see `HotPayload` of Vite for those that its client knows. */
export type HotPayload =
  | { type: 'connected' | 'ping' }
  | { type: 'update'; updates: any[] }
  | { type: 'full-reload'; path?: string; triggeredBy?: string }
  | { type: 'prune'; paths: string[] }
  | { type: 'error'; err: any }
  | { type: 'custom'; event: string; data?: any }

/**
 * One connection, with the server side of the interface of the `ws` package (8.23). What differs
 * is listed in `docs/differences.md`.
 */
export type WebSocket = import('./ws.js')

/** A connected browser. The same object for the same connection, always. */
export interface WebSocketClient {
  /** Sends a payload to this client. */
  send(payload: HotPayload): void
  /** Sends a custom event to this client. */
  send(event: string, data?: any): void
  /** The connection itself. */
  socket: WebSocket
}

/** Listener of a custom event that clients send. */
export type WebSocketCustomListener = (data: any, client: WebSocketClient, invoke?: any) => void

/** Vite's `server.ws`, and `stats()`. */
export interface NativeWebSocketServer {
  /** Listens on a port of its own, if it has one. Called by Vite. */
  listen(): void
  /** The connected clients: a new Set each time, of the same objects. */
  readonly clients: Set<WebSocketClient>
  /**
   * Sends a payload to all clients. Without clients the last `error` or `full-reload` is kept for
   * the first to come.
   *
   * @throws TypeError from `JSON.stringify` for a payload that is no JSON.
   */
  send(payload: HotPayload): void
  /** Sends a custom event to all clients. */
  send(event: string, data?: any): void
  /** A client has connected; its socket and its upgrade request. */
  on(event: 'connection', listener: (socket: WebSocket, request: IncomingMessage) => void): void
  /** The lines of a 101 before it is sent; listeners may add some. */
  on(event: 'headers', listener: (headers: string[], request: IncomingMessage) => void): void
  on(event: 'error' | 'listening' | 'message', listener: (...args: any[]) => void): void
  /** Listens for a custom event of clients. */
  on(event: string, listener: WebSocketCustomListener): void
  // biome-ignore lint/complexity/noBannedTypes: as in Vite's own type.
  off(event: string, listener: Function): void
  /** Sets the functions that clients may call through `vite:invoke`. */
  setInvokeHandler(handlers: Record<string, (...args: any[]) => any> | undefined): void
  /** Calls such a function. Errors are returned. */
  handleInvoke(payload: any): Promise<{ result: any } | { error: any }>
  /**
   * Cuts all clients without a close frame, as Vite does, so that they come back by themselves.
   *
   * @throws Error `The server is not running` when called twice.
   */
  close(): Promise<void>
  /** Counters, and the clients. It costs the main thread about a microsecond for each client. */
  stats(): NativeWsStats
}

/**
 * A server with the signature and the result of Vite's own function (Vite 8.3 `ws.ts`).
 *
 * @param server The HTTP or HTTPS server whose upgrades it takes; without one it opens a port of
 *   its own in `listen()`, as Vite does.
 * @param config Vite's `ResolvedConfig`, of which a few fields are read; `{}` will do.
 * @param httpsOptions For a port of its own.
 * @typeParam Server The type wanted: `ViteDevServer['ws']` of any major, which carries a private
 *   symbol that only Vite can make, is given by the type of what the result is assigned to.
 * @throws TypeError `ERR_NATIVE_WS_INVALID_ARG` for an argument or option of the wrong type.
 * @throws Error `ERR_NATIVE_WS_NO_BINARY` if there is no native binary for this platform.
 */
export function createWebSocketServer<Server = NativeWebSocketServer>(
  server?: UpgradeServer | null,
  config?: object,
  httpsOptions?: HttpsServerOptions,
  options?: NativeWsOptions,
): Server

/** The part of an HTTP server that is needed. */
export interface UpgradeServer {
  on(
    event: 'upgrade',
    listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
  ): unknown
  off(event: 'upgrade', listener: (...args: any[]) => void): unknown
  readonly listening?: boolean
}

/** The plugin, as every major of Vite takes it. */
export interface NativeWsPlugin {
  name: 'vite-native-ws'
  apply: 'serve'
  configResolved: { order: 'post'; handler(this: any, config: any): Promise<void> }
  configureServer: { order: 'pre'; handler(server: any): void }
  /** Lets Vite's client come back without a reload, in its own module alone. */
  transform: {
    filter?: any
    order?: 'pre' | 'post' | null
    handler(this: any, code: string, id: string): any
  }
}

/**
 * The Vite plugin: the dev server's hot updates go through the native server. Where that cannot
 * be (no binary, an unknown Vite), Vite's own stays in use and one warning says why.
 *
 * The environment variable `VITE_NATIVE_WS=off` does the same without a warning.
 *
 * @throws TypeError `ERR_NATIVE_WS_INVALID_ARG` for an unknown option or one of the wrong type.
 */
export function nativeWs(options?: NativeWsOptions): NativeWsPlugin

/** `server.ws.stats()` compiles in a `vite.config.ts`. */
// @ts-ignore Without Vite there is nothing to add to.
declare module 'vite' {
  interface WebSocketServer {
    /**
     * Counters, and the clients. Of `vite-native-ws`: absent where Vite's own server stays in use.
     */
    stats(): NativeWsStats
  }
}

export default nativeWs
