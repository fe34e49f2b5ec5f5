// One connection of a tab through its proxy. Its first bytes say what it is for.
import { once } from 'node:events'
import net from 'node:net'

/** In a TLS ClientHello: HTTP offers h2, a WebSocket http/1.1 alone. */
const TLS_HANDSHAKE = 0x16
const OFFERS_H2 = Buffer.from('\u0002h2\u0008http/1.1')

/** @typedef {'http' | 'socket'} Purpose */

/**
 * What the first bytes of a connection are the beginning of.
 *
 * @param {Buffer} bytes
 * @returns {Purpose | undefined} Nothing while there are too few.
 */
export function purposeOf(bytes) {
  if (bytes[0] === TLS_HANDSHAKE) {
    if (bytes.length < 5 || bytes.length < 5 + bytes.readUInt16BE(3)) return undefined
    return bytes.includes(OFFERS_H2) ? 'http' : 'socket'
  }
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  return /^upgrade: *websocket/im.test(bytes.toString('latin1', 0, end)) ? 'socket' : 'http'
}

export class Link {
  /** @type {Purpose | undefined} */
  purpose
  /** Bytes to the page after which `onSpent` is called and nothing more goes through. */
  budget = Infinity
  isSwallowing = false
  #early = []

  /**
   * @param {net.Socket} page
   * @param {object} host
   * @param {number} host.target The dev server's port.
   * @param {(link: Link) => boolean} host.onPurpose Whether it may go on to the server.
   * @param {(link: Link) => void} host.onRequest There are bytes for the server.
   * @param {(link: Link) => void} host.onSpent
   */
  constructor(page, host) {
    this.page = page
    this.host = host
    this.ended = once(page, 'close').catch(() => {})
    this.#watch(page)
    page.on('data', (chunk) => this.#fromPage(chunk))
  }

  /** Bytes are taken and lost; neither end hears of the other any more. */
  swallow() {
    this.isSwallowing = true
  }

  reset() {
    for (const socket of [this.page, this.server]) socket?.resetAndDestroy()
  }

  #watch(socket) {
    socket.setNoDelay()
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.isSwallowing && socket === this.server) return
      this.page.destroy()
      this.server?.destroy()
    })
  }

  #fromPage(chunk) {
    if (this.isSwallowing) return
    if (!this.server) {
      this.#early.push(chunk)
      const bytes = Buffer.concat(this.#early)
      this.purpose = purposeOf(bytes)
      if (!this.purpose) return
      if (!this.host.onPurpose(this) || this.isSwallowing) return
      this.server = net.connect(this.host.target, '127.0.0.1')
      this.#watch(this.server)
      this.server.on('data', (answer) => this.#fromServer(answer))
      this.host.onRequest(this)
      this.server.write(bytes)
      return
    }
    this.host.onRequest(this)
    if (!this.page.destroyed && !this.isSwallowing) this.server.write(chunk)
  }

  #fromServer(chunk) {
    if (this.isSwallowing || this.page.destroyed) return
    const passing = chunk.subarray(0, this.budget)
    this.budget -= passing.length
    if (passing.length > 0) this.page.write(passing)
    if (this.budget <= 0) this.host.onSpent(this)
  }
}
