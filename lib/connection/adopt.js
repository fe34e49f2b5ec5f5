'use strict'

/**
 * A Node socket leaves Node: by its file descriptor where that is safe, over a bridge otherwise.
 * Both give the same connection; over the bridge, JavaScript moves its bytes.
 */

const { isShortage } = require('./shortage.js')

/** @typedef {import('../native/native.js').NativeServer} NativeServer */
/**
 * The answer to a handshake: it goes out with what follows, or at once, and through Node, where others
 * may answer too.
 *
 * @typedef {{ handshake: string, isPrompt: boolean }} Answer
 */
/**
 * @typedef {object} AdoptOptions
 * @property {boolean} bridgeOnly
 * @property {boolean} isTracked Whether broadcasts go to it.
 * @property {number} subscriptions
 * @property {number} [session] The page that may come back on another connection.
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

/**
 * Takes over a socket and answers its handshake. Nothing is read until `native.start(id)`.
 *
 * @param {NativeServer} native
 * @param {NodeSocket} socket
 * @param {Answer} answer
 * @param {Uint8Array} head Bytes that came behind the request.
 * @param {AdoptOptions} options
 * @returns {NativeConnection}
 * @throws {Error} A shortage, see `shortage.js`. The socket is Node's then, and the client can be
 *   refused.
 */
function adoptOrBridge(native, socket, answer, head, options) {
  socket.setTimeout?.(0)
  socket.setNoDelay?.()
  const handle = options.bridgeOnly ? undefined : adoptableHandle(socket)
  const { adopted, early } = handle
    ? adopt(native, socket, handle, answer, head, options)
    : { early: head }
  if (adopted) {
    if (answer.isPrompt) writeNow(socket, answer.handshake)
    return adopted
  }
  socket.write(answer.handshake)
  return bridge(native, socket, early, options)
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
  const kind = handle.constructor?.name
  if (kind !== 'TCP' && kind !== 'Pipe') return undefined
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
 * @param {Answer} answer
 * @param {Uint8Array} head
 * @param {AdoptOptions} options
 * @returns {{ adopted?: NativeConnection, early: Uint8Array }} Without a connection, Node reads from
 *   the socket as before, except that it has handed out what it had read so far.
 */
function adopt(native, socket, handle, { handshake, isPrompt }, head, options) {
  const { isTracked, subscriptions, session } = options
  const chunks = [head]
  try {
    if (handle.readStop?.()) return { early: head }
    // Reading what Node has already buffered would re-arm the handle.
    handle.readStart = readNothing
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) chunks.push(chunk)
    const early = chunks.length === 1 ? head : Buffer.concat(chunks)
    const fd = Number(handle.fd)
    const rest = nonEmpty(early)
    const ours = isPrompt ? undefined : handshake
    const id = native.adopt(fd, ours, rest, isTracked, subscriptions, session)
    socket.on('close', () => native.terminate(id))
    return { adopted: { id, transport: 'adopted' }, early }
  } catch (error) {
    giveBack(handle)
    if (isShortage(error)) throw error
    return { early: Buffer.concat(chunks) }
  }
}

/**
 * Writes by way of Node: other listeners go by `bytesWritten` (engine.io ends what has none).
 *
 * @param {NodeSocket} socket
 * @param {string} handshake
 */
function writeNow(socket, handshake) {
  socket.write(handshake)
  // Node would write the rest later, into what the thread writes. The peer reads nothing.
  if (socket.writableLength > 0) socket.destroy()
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
 * @param {NodeSocket} socket
 * @param {Uint8Array} head
 * @param {AdoptOptions} options
 * @returns {NativeConnection}
 */
function bridge(native, socket, head, { isTracked, subscriptions, session }) {
  // A TLS socket has the descriptor of the TCP socket beneath it.
  const fd = Number.isInteger(socket._handle?.fd) ? socket._handle?.fd : undefined
  const id = native.bridge(nonEmpty(head), isTracked, subscriptions, session, fd)
  return { id, transport: 'bridged' }
}

/** @param {Uint8Array} head */
function nonEmpty(head) {
  return head.length > 0 ? head : undefined
}

module.exports = { adoptOrBridge }
