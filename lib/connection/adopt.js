'use strict'

/**
 * A Node socket leaves Node: by its file descriptor where that is safe, over a bridge otherwise.
 * Both give the same connection; over the bridge, JavaScript moves its bytes.
 */

const { reserve } = require('./reservation.js')

/** @typedef {import('../native/native.js').NativeServer} NativeServer */
/** @typedef {import('./reservation.js').Reservation} Reservation */
/**
 * @typedef {{ reservation: Reservation, isTracked: boolean, subscriptions: number, session?: number }} AdoptOptions
 */
/** @typedef {import('node:stream').Duplex} Duplex */
/**
 * The parts of a `net.Socket` that matter here; a Duplex has few of them.
 *
 * @typedef {Duplex & {
 *   encrypted?: boolean,
 *   _handle?: Handle | null,
 *   setTimeout?(milliseconds: number): void,
 *   setNoDelay?(): void,
 * }} NodeSocket
 */
/**
 * @typedef {{ fd?: number, reading?: boolean, readStart?(): number, readStop?(): number, writeQueueSize?: number }} Handle
 */
/**
 * @typedef {object} NativeConnection
 * @property {number} id The connection's number.
 * @property {'adopted' | 'bridged'} transport
 */

const ADOPTABLE_HANDLES = ['TCP', 'Pipe']

/**
 * Reserves what a socket needs whose handshake is about to be answered.
 *
 * @param {NativeServer} native
 * @param {NodeSocket} socket
 * @param {{ bridgeOnly: boolean }} options
 * @returns {Reservation}
 * @throws {Error} `ERR_NATIVE_WS_THREAD` or `ERR_NATIVE_WS_DESCRIPTORS`.
 */
function reserveFor(native, socket, { bridgeOnly }) {
  return reserve(native, bridgeOnly ? undefined : adoptableHandle(socket)?.fd)
}

/**
 * Takes over a socket whose 101 has been written. Nothing is read until `native.start(id)`.
 *
 * @param {NativeServer} native
 * @param {NodeSocket} socket
 * @param {Uint8Array} head Bytes that came behind the request.
 * @param {AdoptOptions} options
 * @returns {NativeConnection}
 */
function adoptOrBridge(native, socket, head, options) {
  socket.setTimeout?.(0)
  socket.setNoDelay?.()
  const handle = options.reservation.isBridged ? undefined : adoptableHandle(socket)
  if (!handle) return bridge(native, head, options)
  const { adopted, early } = adopt(native, socket, handle, head, options)
  return adopted ?? bridge(native, early, options)
}

/**
 * The handle of a plain TCP or Unix socket that Node has nothing left to write to. A TLS socket
 * has a descriptor too, but that carries ciphertext.
 *
 * @param {NodeSocket} socket
 * @returns {Handle | undefined}
 */
function adoptableHandle(socket) {
  const handle = socket._handle
  if (!handle || socket.encrypted || socket.destroyed || socket.writableLength > 0) return undefined
  if (!ADOPTABLE_HANDLES.includes(handle.constructor?.name)) return undefined
  if (typeof handle.readStop !== 'function' || (handle.writeQueueSize ?? 0) > 0) return undefined
  return (handle.fd ?? -1) >= 0 ? handle : undefined
}

/**
 * The JavaScript socket stays, as a token: addresses, `server.getConnections()`,
 * `server.close()` and `closeAllConnections()` behave as they would with `ws`.
 *
 * @param {NativeServer} native
 * @param {NodeSocket} socket
 * @param {Handle} handle
 * @param {Uint8Array} head
 * @param {AdoptOptions} options
 * @returns {{ adopted?: NativeConnection, early: Uint8Array }} Without a connection, Node reads from
 *   the socket as before, except that it has handed out what it had read so far.
 */
function adopt(native, socket, handle, head, options) {
  const { reservation, isTracked, subscriptions, session } = options
  const chunks = [head]
  try {
    if (handle.readStop?.()) return { early: head }
    // Reading what Node has already buffered would re-arm the handle.
    handle.readStart = readNothing
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) chunks.push(chunk)
    const early = chunks.length === 1 ? head : Buffer.concat(chunks)
    const id = native.open(reservation.native, false, early, isTracked, subscriptions, session)
    socket.on('close', () => native.terminate(id))
    return { adopted: { id, transport: 'adopted' }, early }
  } catch {
    giveBack(handle)
    return { early: Buffer.concat(chunks) }
  }
}

/**
 * Lets Node read from a socket again. Node does not know that it was stopped.
 *
 * @param {Handle} handle
 */
function giveBack(handle) {
  // Its prototype has the real one.
  delete (/** @type {any} */ (handle).readStart)
  if (handle.reading) handle.readStart?.()
}

/** In the place of a handle's own `readStart`. */
function readNothing() {
  return 0
}

/**
 * @param {NativeServer} native
 * @param {Uint8Array} head
 * @param {AdoptOptions} options
 * @returns {NativeConnection}
 */
function bridge(native, head, { reservation, isTracked, subscriptions, session }) {
  const id = native.open(reservation.native, true, head, isTracked, subscriptions, session)
  return { id, transport: 'bridged' }
}

module.exports = { adoptOrBridge, reserveFor }
