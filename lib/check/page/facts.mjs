/**
 * Types of what a check has found out.
 *
 * @typedef {object} ServerFacts What the dev server says of itself.
 * @property {string} vite Its version, or `unknown`.
 * @property {'ws' | 'hmr'} option The member of `server` that has the options of the socket.
 * @property {string} base
 * @property {string} path The path of the socket.
 * @property {number | null} port Of the HTTP server that has the page, as far as it is known.
 * @property {number | null} ownPort Of the socket, where it has one of its own.
 * @property {boolean} isOpen Whether that listens.
 * @property {boolean} isMiddleware Whether Vite is a middleware of another server.
 * @property {number} keepalive Milliseconds of silence before a ping frame; 0: none.
 */
/**
 * What the server saw of an attempt.
 *
 * @typedef {object} Sight
 * @property {'upgrade' | 'request'} kind A request that is no upgrade has lost its header.
 * @property {string} path
 * @property {string} host The `Host` header.
 * @property {string} [upgrade] The `Upgrade` header.
 * @property {string} [connection] The `Connection` header.
 * @property {string} [protocol] The subprotocol.
 * @property {Record<string, string>} forwarded `X-Forwarded-*`, by name.
 * @property {'accepted' | 'refused' | 'left' | 'taken' | 'broken'} [result]
 * @property {string} [reason] Why it was refused, or by whom it was taken or broken.
 */
/**
 * What came of an attempt at the end of the page, or of the terminal.
 *
 * @typedef {object} Outcome
 * @property {'open' | 'failed' | 'blocked'} state
 * @property {number} [status] Of an HTTP answer. Browsers do not tell.
 * @property {string} [error] A code such as `ECONNREFUSED`. Browsers do not tell.
 * @property {number} messages How many of the server's messages came.
 * @property {number} [closedAfter] Milliseconds from the opening to an end that nobody asked for.
 * @property {Sight[]} [seen] Undefined where the server was not asked.
 */
/**
 * @typedef {import('./attempts.mjs').Attempt & Outcome} Result
 */
/**
 * @typedef {object} Facts
 * @property {string} page The URL of Vite's client.
 * @property {PageAnswer} answer How Vite's client was answered for.
 * @property {import('./client-settings.mjs').ClientSettings} [client]
 * @property {boolean} [isStale] Whether that is an older text than the server gives now.
 * @property {ServerFacts} [server]
 * @property {Result[]} results
 * @property {{ status?: number, seen?: Sight[] }} [plain] A request without `Upgrade` to the path of
 *   the socket, at the address of the page.
 */
/**
 * @typedef {object} PageAnswer
 * @property {number} [status]
 * @property {string} [error] A code such as `ECONNREFUSED`.
 * @property {string} [software] The `Server` header.
 * @property {string} [blockedHost] A name that Vite does not allow.
 */
/**
 * @typedef {object} Diagnosis
 * @property {string} cause
 * @property {boolean} isConnected
 * @property {string} sentence
 * @property {string[]} remedy Lines: text, or lines of configuration.
 */
export {}
