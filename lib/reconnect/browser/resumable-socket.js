'use strict'

const { Dialer } = require('./dialer.js')
const { hostOf } = require('./host.js')
const { Liveness } = require('./liveness.js')
const { readMessage, writeMessage } = require('./message.js')
const { Outage } = require('./outage.js')
const { Page } = require('./page-lifecycle.js')
const { Pinger } = require('./ping.js')
const { SocketTarget } = require('./socket-target.js')
const { Unacknowledged } = require('./unacknowledged.js')

/** @typedef {import('./settings.js').ReconnectSettings} ReconnectSettings */
/** @typedef {import('./message.js').Hello} Hello */

/**
 * The browser's WebSocket, as Vite's client sees one, over as many connections as it takes.
 * Browser code, see `source.js`.
 *
 * Until the server has said hello, and for good when it does not, this is the native socket and
 * nothing else. From then on a connection that breaks is replaced, while `readyState` stays OPEN.
 */
class ResumableSocket extends SocketTarget {
  /**
   * @param {string} url
   * @param {string} protocol
   * @param {ReconnectSettings} settings
   * @param {any} [environment]
   */
  constructor(url, protocol, settings, environment = globalThis) {
    super()
    this.url = new URL(url).href
    this.protocol = ''
    this.extensions = ''
    this.readyState = this.CONNECTING
    this._settings = settings
    this._host = hostOf(environment)
    this._dialer = new Dialer(url, protocol, settings, this._host)
    this._pinger = new Pinger(url, settings, this._host)
    /** @type {Hello | undefined} Of the first connection, with what has come since. */
    this._session = undefined
    /** The server is not ours, or does not resume. */
    this._isPlain = false
    this._sent = new Unacknowledged(settings)
    this._isProbed = false
    this._attempts = 0
    this._connectedAt = 0
    this._wake = () => {}
    const { now, setTimeout, clearTimeout } = this._host
    this._liveness = new Liveness(settings, {
      now,
      setTimeout,
      clearTimeout,
      probe: () => this._probe(),
      lose: () => this._lose(),
    })
    this._native = this._dialer.dial('new')
    this._binaryType = this._native.binaryType
    this._listen(this._native)
    this._page = new Page(environment, settings, () => this._onWake())
  }

  get binaryType() {
    return this._binaryType
  }

  set binaryType(type) {
    if (type !== 'blob' && type !== 'arraybuffer') return
    this._binaryType = type
    if (this._native) this._native.binaryType = type
  }

  get bufferedAmount() {
    return this._native ? this._native.bufferedAmount : this._sent.bytes
  }

  /** @param {any} data */
  send(data) {
    // The native socket throws while it connects, and ignores what comes after its end.
    if (this._isPlain || this.readyState !== this.OPEN) return this._native?.send(data)
    // Vite's keepalive means nothing later, and in hours would fill what is kept.
    if (!this._native && data === '{"type":"ping"}') return
    const message = writeMessage(snapshot(data))
    this._sent.keep(message)
    if (!this._native) return
    this._native.send(message)
    if (this._session && !this._isProbed && this._sent.isAbove(0.5)) this._probe()
  }

  /**
   * @param {number} [code]
   * @param {string} [reason]
   */
  close(code, reason) {
    if (this._native) {
      if (code === undefined) this._native.close()
      else this._native.close(code, reason)
      if (this.readyState < this.CLOSING) this.readyState = this.CLOSING
      return
    }
    if (this.readyState !== this.OPEN) return
    this.readyState = this.CLOSING
    this._wake()
    this._host.setTimeout(() => this._giveUp(), 0)
  }

  _probe() {
    this._isProbed = true
    this._native?.send('\u0001?')
  }

  /** @param {any} native */
  _listen(native) {
    native.onopen = () => {
      this._describe(native)
      this.readyState = this.OPEN
      this.dispatchEvent(new Event('open'))
    }
    native.onerror = () => {
      if (!this._session) this.dispatchEvent(new Event('error'))
    }
    native.onmessage = (/** @type {any} */ event) => this._receive(event)
    native.onclose = (/** @type {any} */ event) => {
      const isBreak = this._dialer.isBreak(event.code)
      if (this._session && isBreak && this.readyState === this.OPEN) this._lose()
      else this._end(event)
    }
  }

  /** @param {any} native */
  _describe(native) {
    this.protocol = native.protocol
    this.extensions = native.extensions
  }

  /** @param {{ data: any, origin: string }} event */
  _receive({ data, origin }) {
    if (this._isPlain) return this._deliver(data, origin)
    this._liveness.heard()
    const message = readMessage(data)
    if (!this._session) {
      if (message.kind === 'hello') return this._begin(message.hello)
      this._isPlain = true
      this._sent = new Unacknowledged(this._settings)
      return this._deliver(data, origin)
    }
    if (message.kind === 'raw') this._deliver(message.data, origin)
    else if (message.kind === 'acknowledgement') this._acknowledge(message.count)
    else if (message.kind === 'numbered' && message.number > this._session.seq) {
      this._session.seq = message.number
      this._deliver(message.data, origin)
    }
  }

  /**
   * @param {any} data
   * @param {string} origin
   */
  _deliver(data, origin) {
    this.dispatchEvent(new this._host.MessageEvent('message', { data, origin }))
  }

  /** @param {number} count */
  _acknowledge(count) {
    this._isProbed = false
    this._sent.acknowledge(count)
  }

  /** @param {Hello} hello */
  _begin(hello) {
    this._session = hello
    this._connectedAt = this._host.now()
    this._liveness.start()
  }

  _onWake() {
    if (this._session && this._native) this._liveness.doubt()
    this._wake()
  }

  _lose() {
    const { now } = this._host
    this._liveness.stop()
    this._dialer.drop(this._native)
    this._native = undefined
    this._isProbed = false
    if (this.readyState !== this.OPEN) return this._giveUp()
    if (now() - this._connectedAt > this._settings.settled) this._attempts = 0
    this._restore().catch(() => this._giveUp())
  }

  async _restore() {
    const { console, now } = this._host
    const outage = new Outage(this._settings, now())
    let isTold = false
    const tell = () => {
      if (isTold) return
      isTold = true
      console.warn('[vite-native-ws] connection lost; the page is kept while it reconnects')
    }
    if (!this._page.isLeaving) tell()
    while (this._isAway()) {
      if (outage.refusals === 0) await this._pause()
      if (!this._isAway()) return
      tell()
      const isBlind = outage.isAsking && !(await this._pinger.ask())
      if (isBlind && !outage.isOverdue(now())) continue
      if (!this._isAway()) return
      const outcome = await this._attempt()
      if (outcome === 'resumed') {
        if (isBlind) this._pinger.checkWorker()
        return console.info('[vite-native-ws] reconnected')
      }
      const isThere = outcome === 'unreached' && (await this._pinger.ask())
      const isEnough = outage.fail(isThere, now())
      if (this._isAway() && (outcome === 'refused' || isEnough)) return this._giveUp()
    }
  }

  _isAway() {
    return !this._native && this.readyState === this.OPEN
  }

  /** @returns {Promise<void>} */
  _pause() {
    const { firstRetry, lastRetry, leaving } = this._settings
    const { clearTimeout, random, setTimeout } = this._host
    const longest = Math.min(lastRetry, firstRetry * 2 ** this._attempts)
    this._attempts += 1
    const wait = this._page.isLeaving ? leaving : longest * (0.5 + random() / 2)
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait)
      this._wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  _attempt() {
    const { session, client, seq } = /** @type {Hello} */ (this._session)
    return this._dialer.resume(`${session}.${client}.${seq}`, (native, { session, received }) => {
      const isSame = this._isAway() && session === this._session?.session
      if (!isSame || !this._sent.canContinueFrom(received)) return false
      this._resume(native, received)
      return true
    })
  }

  /**
   * @param {any} native
   * @param {number} received
   */
  _resume(native, received) {
    this._native = native
    native.binaryType = this._binaryType
    this._connectedAt = this._host.now()
    this._describe(native)
    this._listen(native)
    this._acknowledge(received)
    for (const { data } of this._sent.kept) native.send(data)
    this._liveness.start()
  }

  /** Vite's client is handed the close that it would have had, and does what it does then. */
  _giveUp() {
    this._end({ code: 1006, reason: '', wasClean: false })
  }

  /** @param {{ code: number, reason: string, wasClean: boolean }} event */
  _end({ code, reason, wasClean }) {
    if (this.readyState === this.CLOSED) return
    this.readyState = this.CLOSED
    this._liveness.stop()
    this._page.release()
    this.dispatchEvent(new this._host.CloseEvent('close', { code, reason, wasClean }))
  }
}

/**
 * @param {any} data
 * @returns {any} What would be sent now, whatever its owner does to it later.
 */
function snapshot(data) {
  if (typeof data === 'string') return data
  if (data instanceof ArrayBuffer) return data.slice(0)
  if (ArrayBuffer.isView(data)) {
    return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
  }
  return typeof Blob !== 'undefined' && data instanceof Blob ? data : String(data)
}

module.exports = { ResumableSocket, snapshot }
