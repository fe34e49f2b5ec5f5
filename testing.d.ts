/**
 * For tests of plugins that speak over Vite's WebSocket: a real server and a real client, and
 * messages waited for without sleeps.
 *
 * @packageDocumentation
 */

import type { Server } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { HotPayload, NativeWebSocketServer, NativeWsOptions } from './index.js'

/** How long to wait. */
export interface WaitOptions {
  /**
   * Milliseconds.
   *
   * @default 4000
   */
  timeout?: number
}

/** A client over a real socket, with the subprotocol that Vite's client has. */
export interface TestClient extends AsyncDisposable {
  /** Everything that has arrived, in order, whether it was waited for or not. */
  readonly received: HotPayload[]
  /** Resolves when the connection is over; code 1006 stands for no close frame. */
  readonly closed: Promise<{ code: number; reason: string }>
  /** Sends a custom event, as `import.meta.hot.send` does. */
  send(event: string, data?: unknown): void
  /** Sends any payload; a string is sent as it is. */
  sendPayload(payload: unknown): void
  /**
   * The data of the oldest custom event of this name that has not been taken. Other messages stay,
   * to be asked for later.
   *
   * @throws Error `ERR_NATIVE_WS_NO_MESSAGE`, which says what did arrive, when the time is over or
   *   the connection is closed.
   */
  next<Data = any>(event: string, options?: WaitOptions): Promise<Data>
  /**
   * The oldest payload of this type that has not been taken, such as `full-reload` or `update`.
   *
   * @throws Error `ERR_NATIVE_WS_NO_MESSAGE`, as {@link next}.
   */
  nextPayload<Type extends HotPayload['type']>(
    type: Type,
    options?: WaitOptions,
  ): Promise<Extract<HotPayload, { type: Type }>>
  /** Closes with 1000 and waits for the end. */
  close(): Promise<{ code: number; reason: string }>
  /** Cuts the connection without a close frame, as a tab does that crashes. */
  terminate(): Promise<{ code: number; reason: string }>
}

/**
 * Options of the request that opens the connection, `headers` and `ca` among them. It has no
 * `Origin`, so that no token is asked for.
 */
export type TestClientOptions = RequestOptions

/** A server of this package on a free port of 127.0.0.1. */
export interface TestServer extends AsyncDisposable {
  /** Where clients connect. */
  readonly url: string
  /** The object that plugins know as `server.ws`. */
  readonly ws: NativeWebSocketServer
  readonly httpServer: Server
  /** A client that has been welcomed; it ends with the server. */
  connect(options?: TestClientOptions): Promise<TestClient>
  /** Ends the clients, the WebSocket server and the HTTP server. May be called twice. */
  close(): Promise<void>
}

/** Options of this package, and Vite's `config`, of which a few fields are read. */
export interface TestServerOptions extends NativeWsOptions {
  /** @default {} */
  config?: object
}

/**
 * Starts a server for a plugin's own code to be tried against.
 *
 * @throws Error `ERR_NATIVE_WS_NO_BINARY` if there is no native binary for this platform.
 */
export function startTestServer(options?: TestServerOptions): Promise<TestServer>

/** The part of a `ViteDevServer` that is needed. */
export interface ListeningDevServer {
  httpServer: { address(): unknown } | null
  config: { base?: string; webSocketToken?: string; server?: object }
}

/**
 * Connects a client to a server that listens: a `ViteDevServer`, an HTTP server, or a URL.
 *
 * @throws Error `ERR_NATIVE_WS_NO_CONNECTION` if it is refused, with the reason.
 * @throws TypeError `ERR_NATIVE_WS_INVALID_ARG` for something that does not listen.
 */
export function connectTestClient(
  to: string | URL | ListeningDevServer | { address(): unknown },
  options?: TestClientOptions,
): Promise<TestClient>
