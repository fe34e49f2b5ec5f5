'use strict'

const { Duplex } = require('node:stream')
const { CLOSED } = require('./ready-state.js')

/** @typedef {import('./websocket.js')} WebSocket */

/**
 * A duplex stream over a WebSocket: each chunk is a message (`ws` 8.23 `stream.js`).
 *
 * @param {WebSocket} webSocket
 * @param {import('node:stream').DuplexOptions} [options] Those of `Duplex`.
 * @returns {Duplex}
 */
function createWebSocketStream(webSocket, options) {
  let isBroken = false
  const duplex = new Duplex({
    ...options,
    autoDestroy: true,
    emitClose: true,
    objectMode: false,
    writableObjectMode: false,

    read() {
      if (webSocket.isPaused) webSocket.resume()
    },

    write(chunk, _encoding, callback) {
      webSocket.send(chunk, callback)
    },

    final(callback) {
      if (webSocket.readyState === CLOSED) return callback()
      // Before the listener below, which ends the other half.
      webSocket.prependOnceListener('close', () => callback())
      webSocket.close()
    },

    destroy(error, callback) {
      if (webSocket.readyState === CLOSED) return callback(error)
      let failure = error
      webSocket.once('error', (late) => {
        failure = late
      })
      webSocket.once('close', () => callback(failure))
      // After a breach of the protocol the close frame is yet to be sent.
      if (!isBroken) webSocket.terminate()
    },
  })

  webSocket.on('message', (/** @type {Buffer} */ data, /** @type {boolean} */ isBinary) => {
    if (duplex.destroyed) return
    const isText = !isBinary && duplex.readableObjectMode
    if (!duplex.push(isText ? String(data) : data)) webSocket.pause()
  })
  webSocket.once('error', (error) => {
    isBroken = true
    duplex.destroy(error)
  })
  webSocket.once('close', () => {
    if (!duplex.destroyed) duplex.push(null)
  })
  // Sooner than `autoDestroy` does it.
  duplex.on('end', () => {
    if (!duplex.destroyed && duplex.writableFinished) duplex.destroy()
  })
  return duplex
}

module.exports = createWebSocketStream
