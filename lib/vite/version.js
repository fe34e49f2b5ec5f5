'use strict'

/**
 * Traits in which the servers of Vite's majors differ. The newest is the default.
 *
 * @typedef {object} VersionTraits
 * @property {boolean} ping `vite-ping` opens and closes a socket (6.0).
 * @property {boolean} invoke `setInvokeHandler` and `handleInvoke` exist (6.0).
 * @property {boolean} filterWithoutHmr `hmr: false` keeps updates from being sent (6.0).
 * @property {boolean} invokeArgument Custom listeners get the message's `invoke` as third argument
 *   (6.0 to 7.1).
 * @property {boolean} connectEvents `vite:client:connect` and `:disconnect` are dispatched (7.2).
 * @property {boolean} bufferReload The last `full-reload` is kept for the first client (8.0).
 * @property {boolean} wsOptions Port, path and server stand in `server.ws` (8.1).
 * @property {boolean} portInUse The EADDRINUSE message names the port (6.1).
 * @property {boolean} allowMissingHost A request without a Host header is let in (7.0).
 * @property {boolean} hasName The object has `name: 'ws'` (5 only).
 */

/**
 * @param {string | undefined} version Vite's version; the newest where it is not known.
 * @param {{ isRolldown?: boolean }} [traits] rolldown-vite 7 has the buffer of Vite 8.
 * @returns {Readonly<VersionTraits>}
 */
function traitsOf(version, { isRolldown = false } = {}) {
  const [major, minor] = (version ?? '').split('.').map(Number)
  const isNewest = version === undefined
  /** @param {number} wantedMajor @param {number} [wantedMinor] */
  const since = (wantedMajor, wantedMinor = 0) =>
    isNewest || major > wantedMajor || (major === wantedMajor && (minor || 0) >= wantedMinor)
  return Object.freeze({
    ping: since(6),
    invoke: since(6),
    filterWithoutHmr: since(6),
    invokeArgument: since(6) && !since(7, 2),
    connectEvents: since(7, 2),
    bufferReload: since(8) || isRolldown,
    wsOptions: since(8, 1),
    portInUse: since(6, 1),
    allowMissingHost: since(7),
    hasName: !since(6),
  })
}

module.exports = { traitsOf }
