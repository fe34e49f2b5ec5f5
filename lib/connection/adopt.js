'use strict'

/**
 * A Node socket leaves Node: by its file descriptor where that is safe, over a bridge otherwise.
 * Both give the same connection; the bridge is always right, and costs JavaScript's time.
 */

/** @typedef {import('../native/native.js').NativeServer} NativeServer */
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
 * @typedef {{ fd?: number, readStart?(): number, readStop?(): number, writeQueueSize?: number }} Handle
 */
/**
 * @typedef {object} NativeConnection
 * @property {number} id The connection's number.
 * @property {'adopted' | 'bridged'} transport
 */

const ADOPTABLE_HANDLES = ['TCP', 'Pipe']

/**
 * Takes over a socket whose 101 has been written. Nothing is read until `native.start(id)`.
 *
 * @param {NativeServer} native
 * @param {NodeSocket} socket
 * @param {Uint8Array} head Bytes that came behind the request.
 * @param {{ bridgeOnly: boolean, isTracked: boolean, subscriptions: number, session?: number }} options
 * @returns {NativeConnection}
 */
function adoptOrBridge(native, socket, head, options) {
  socket.setTimeout?.(0)
  socket.setNoDelay?.()
  const handle = options.bridgeOnly ? undefined : adoptableHandle(socket)
  const adopted = handle && adopt(native, socket, handle, head, options)
  return adopted ?? bridge(native, socket, head, options)
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
 * @param {{ isTracked: boolean, subscriptions: number, session?: number }} options
 * @returns {NativeConnection | undefined}
 */
function adopt(native, socket, handle, head, { isTracked, subscriptions, session }) {
  handle.readStop?.()
  const { readStart } = handle
  // Reading what Node has already buffered would re-arm the handle.
  handle.readStart = readNothing
  const early = drain(socket, head)
  try {
    const id = native.adopt(
      /** @type {number} */ (handle.fd),
      early,
      isTracked,
      subscriptions,
      session,
    )
    socket.on('close', () => native.terminate(id))
    return { id, transport: 'adopted' }
  } catch {
    handle.readStart = readStart
    if (early.length > 0) socket.unshift(early)
    return undefined
  }
}

/** In the place of a handle's own `readStart`. */
function readNothing() {
  return 0
}

/**
 * @param {NodeSocket} socket
 * @param {Uint8Array} head
 */
function drain(socket, head) {
  const chunks = [head]
  for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) chunks.push(chunk)
  return chunks.length === 1 ? head : Buffer.concat(chunks)
}

/**
 * @param {NativeServer} native
 * @param {NodeSocket} socket
 * @param {Uint8Array} head
 * @param {{ isTracked: boolean, subscriptions: number, session?: number }} options
 * @returns {NativeConnection}
 */
function bridge(native, socket, head, { isTracked, subscriptions, session }) {
  const id = native.bridge(head, isTracked, subscriptions, session)
  socket.on('data', (/** @type {Uint8Array} */ chunk) => {
    if (!native.push(id, chunk)) socket.pause()
  })
  socket.on('end', () => native.pushEnd(id, false))
  socket.on('close', () => native.pushEnd(id, true))
  return { id, transport: 'bridged' }
}

module.exports = { adoptOrBridge }
