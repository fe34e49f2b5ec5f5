'use strict'

const { Dialer } = require('./dialer.js')
const { hostOf } = require('./host.js')
const { askIdentity } = require('./identity.js')
const { Liveness } = require('./liveness.js')
const { readMessage } = require('./message.js')
const { Outage } = require('./outage.js')
const { OutageEvents } = require('./outage-events.js')
const { Page } = require('./page-lifecycle.js')
const { PageReload } = require('./page-reload.js')
const { Pinger } = require('./ping.js')
const { RequestWatch } = require('./request-watch.js')
const { SocketTarget } = require('./socket-target.js')
const { Unacknowledged } = require('./unacknowledged.js')
const { UpdateWatch } = require('./update-watch.js')

/** @typedef {import('./settings.js').ReconnectSettings} ReconnectSettings */
/** @typedef {import('./message.js').Welcome} Welcome */
/** @typedef {import('./native-socket.js').NativeSocket} NativeSocket */
/**
 * Where this runs.
 *
 * @typedef {object} Place
 * @property {() => import('./update-watch.js').HotClient | undefined} [hot] The one of Vite's client,
 *   once its module has run.
 * @property {string} [source] The URL of Vite's client.
 * @property {import('./check-hint.js').CheckHint} [hint] Of all sockets of the page.
 * @property {any} [environment] `globalThis`, of a page, of a worker or of Node.
 */

/**
 * The browser's WebSocket, as Vite's client sees one, over as many connections as it takes.
 * Browser code, see `browser-source.js`.
 *
 * Until the server has welcomed the page, and for good when it does not, this is the native socket
 * and nothing else. From then on a connection that breaks is replaced, while `readyState` stays OPEN.
 */
class ResumableSocket extends SocketTarget {
  /**
   * @param {string} url
   * @param {string} protocol
   * @param {ReconnectSettings} settings
   * @param {Place} [place]
   */
  constructor(url, protocol, settings, { hot, source, hint, environment = globalThis } = {}) {
    super()
    this.url = new URL(url).href
    this.protocol = ''
    this.extensions = ''
    this.readyState = this.CONNECTING
    this._settings = settings
    this._hot = hot
    this._source = source
    this._hint = hint
    this._host = hostOf(environment)
    this._dialer = new Dialer(url, protocol, settings, this._host)
    this._pinger = new Pinger(url, settings, this._host)
    this._reload = new PageReload(environment, this._host, settings, source)
    /** @type {Welcome | undefined} Of the first connection, with what has come since. */
    this._session = undefined
    /** Messages without a number since then: those that cannot be sent again. */
    this._rawCount = 0
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
      lose: () => this._lose(true),
    })
    this._events = new OutageEvents(this)
    this._updates = new UpdateWatch(settings, this._host, () => this._onSpoiled())
    this._requests = new RequestWatch(environment, settings, source, {
      styleFailed: (url) =>
        this._updates.onMissing(new URL(url).pathname, this._updates.outagesBefore),
      spoiled: () => this._onSpoiled(),
      wasImporting: (time) => this._updates.wasImporting(time),
    })
    /** @type {NativeSocket | undefined} */
    this._native = this._dialer.dial()
    hint?.onTry()
    this._binaryType = this._native.socket.binaryType
    this._listen(this._native)
    this._page = new Page(environment, settings, () => this._onWake())
  }

  get binaryType() {
    return this._binaryType
  }

  set binaryType(type) {
    if (type !== 'blob' && type !== 'arraybuffer') return
    this._binaryType = type
    if (this._native) this._native.socket.binaryType = type
  }

  get bufferedAmount() {
    return this._native ? this._native.socket.bufferedAmount : this._sent.bytes
  }

  /** @param {any} data */
  send(data) {
    // The native socket throws while it connects, and ignores what comes after its end.
    if (this.readyState !== this.OPEN) return this._native?.socket.send(data)
    // Vite's keepalive means nothing later, and in hours would fill what is kept.
    if (!this._native && data === '{"type":"ping"}') return
    const message = snapshot(data)
    this._sent.keep(message)
    if (!this._native) return
    this._native.socket.send(message)
    if (this._session && !this._isProbed && this._sent.isAbove(0.5)) this._probe()
  }

  /**
   * @param {number} [code]
   * @param {string} [reason]
   */
  close(code, reason) {
    if (this._native) {
      if (code === undefined) this._native.socket.close()
      else this._native.socket.close(code, reason)
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
    this._native?.socket.send(this._settings.texts.probe)
  }

  /** @param {NativeSocket} native */
  _listen(native) {
    native.on = {
      open: () => this._onOpen(native),
      error: () => {
        if (!this._session) this.dispatchEvent(new Event('error'))
      },
      message: (event) => this._receive(event),
      close: (event) => {
        const isBreak = this._dialer.isBreak(event.code)
        if (this._session && isBreak && this.readyState === this.OPEN) this._lose()
        else this._end(event)
      },
    }
  }

  /** @param {NativeSocket} native */
  _onOpen(native) {
    this._describe(native)
    this.readyState = this.OPEN
    this._hint?.onOpen()
    const hot = this._hot?.()
    if (hot) {
      this._events.attach(hot)
      this._updates.attach(hot)
    }
    const { reloaded, texts } = this._settings
    const mark = this._reload.takeMark()
    native.socket.send(mark ? texts.helloAgain : texts.hello)
    if (this._isReason(mark)) {
      this.send(JSON.stringify({ type: 'custom', event: reloaded, data: mark }))
    }
    this.dispatchEvent(new Event('open'))
  }

  /** @param {NativeSocket} native */
  _describe({ socket }) {
    this.protocol = socket.protocol
    this.extensions = socket.extensions
  }

  /** @param {{ data: any, origin: string }} event */
  _receive({ data, origin }) {
    const message = readMessage(data, this._settings.texts)
    this._requests.onHeard()
    if (this._session) this._liveness.heard()
    if (message.kind === 'welcome') this._begin(message.welcome)
    else if (message.kind === 'acknowledgement') this._acknowledge(message.count)
    else if (message.kind === 'numbered' && this._session) {
      if (message.number <= this._session.seq) return
      this._session.seq = message.number
      this._updates.onDelivered(message.number, message.data)
      this._deliver(message.data, origin)
    } else {
      this._rawCount += 1
      this._deliver(message.data, origin)
    }
  }

  /**
   * @param {any} data
   * @param {string} origin
   */
  _deliver(data, origin) {
    this._requests.onDelivered()
    this.dispatchEvent(new this._host.MessageEvent('message', { data, origin }))
  }

  /** @param {number} count */
  _acknowledge(count) {
    this._isProbed = false
    this._sent.acknowledge(count)
  }

  /** @param {Welcome} welcome */
  _begin(welcome) {
    if (this._session) return
    this._session = welcome
    this._rawCount = 0
    this._connectedAt = this._host.now()
    this._liveness.start()
  }

  _onWake() {
    if (this._session && this._native) this._liveness.doubt()
    this._wake()
  }

  _lose(isSilent = false) {
    const { now } = this._host
    this._liveness.stop()
    this._native?.drop(this._settings.lost)
    this._native = undefined
    this._isProbed = false
    if (this.readyState !== this.OPEN) return this._giveUp()
    this._updates.onLost()
    this._requests.onLost(isSilent)
    if (now() - this._connectedAt > this._settings.settled) this._attempts = 0
    this._restore().catch(() => this._giveUp(this._settings.reasons.failed))
    this._events.onLost()
  }

  async _restore() {
    const { console, now } = this._host
    const { reasons } = this._settings
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
      const { outcome, reason, isKnown } = await this._attempt()
      if (outcome === 'resumed') {
        if (isBlind) this._pinger.checkWorker()
        return
      }
      // It may have been closed meanwhile: then nobody asks for a reload.
      if (!this._isAway()) return
      if (outcome === 'refused') return this._giveUp(reason, isKnown)
      const isThere = outcome === 'unreached' && (await this._pinger.ask())
      outage.fail(outcome, isThere, now())
      if (outage.isDoubtful && outage.isAnother(await this._identify())) {
        return this._giveUp(reasons.restarted)
      }
    }
  }

  _identify() {
    return askIdentity(this._source, this.url, this._settings.attempt, this._host)
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
    const { session, client, seq } = /** @type {Welcome} */ (this._session)
    const { reasons } = this._settings
    const ticket = [session, client, seq, this._updates.applied(seq), this._rawCount].join('.')
    return this._dialer.resume(ticket, (native, welcome) => {
      if (!this._isAway()) return 'it was closed'
      if (welcome.session !== session) return reasons.another
      if (!this._sent.canContinueFrom(welcome.received)) return reasons.unsent
      if (this._isSpoiled) return reasons.spoiled
      if (welcome.missed > 0 && this._requests.hasOvertaken) return reasons.overtaken
      this._resume(native, welcome)
      return undefined
    })
  }

  get _isSpoiled() {
    return this._updates.hasFailed || this._requests.hasFailed
  }

  /**
   * @param {NativeSocket} native
   * @param {Welcome} welcome
   */
  _resume(native, { received, missed }) {
    this._native = native
    native.socket.binaryType = this._binaryType
    this._connectedAt = this._host.now()
    this._describe(native)
    this._listen(native)
    this._acknowledge(received)
    for (const { data } of this._sent.kept) native.socket.send(data)
    this._liveness.start()
    this._updates.onBack(missed)
    this._requests.onBack(missed)
    const what =
      missed === 1 ? '1 message that it missed follows' : `${missed} messages that it missed follow`
    this._host.console.info(
      `[vite-native-ws] reconnected; ${missed === 0 ? 'it missed nothing' : what}`,
    )
    this._events.onBack()
  }

  /** Something that was asked for before or during an outage did not come. */
  _onSpoiled() {
    // Away, the page sees to that when it finds its server.
    if (this._session && this._native) this._giveUp(this._settings.reasons.spoiled)
  }

  /**
   * The page cannot go on where it was. It is reloaded; where there is no page, Vite's client is
   * handed the close that it would have had.
   *
   * @param {string} [reason] For people; the page is not reloaded without one.
   * @param {boolean} [isKnown] Whether the server has given it.
   */
  _giveUp(reason, isKnown = false) {
    if (reason !== undefined) {
      const { isPossible } = this._reload
      const outcome = isPossible ? 'the page is reloaded' : 'the connection is given up'
      this._host.console.warn(`[vite-native-ws] ${outcome}: ${reason}`)
      this._liveness.stop()
      if (isPossible) return this._reload.begin(isKnown ? 'reloaded' : reason)
    }
    this._end({ code: 1006, reason: '', wasClean: false })
  }

  /** @param {string | undefined} mark Of the last document. */
  _isReason(mark) {
    return Object.values(this._settings.reasons).some((reason) => reason === mark)
  }

  /** @param {{ code: number, reason: string, wasClean: boolean }} event */
  _end({ code, reason, wasClean }) {
    if (this.readyState === this.CLOSED) return
    if (this.readyState === this.CONNECTING) this._hint?.onFailed()
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
