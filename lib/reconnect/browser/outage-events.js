'use strict'

/**
 * `vite:ws:disconnect` and `vite:ws:connect` for the modules of a page: when an outage is noticed and
 * when it is over. Vite's client would begin to reload if it emitted the first of them by itself.
 * Browser code, see `browser-source.js`.
 */
class OutageEvents {
  /** @param {object} webSocket What Vite's client takes for its socket. */
  constructor(webSocket) {
    this.webSocket = webSocket
    /** @type {((event: string, data: object) => unknown) | undefined} */
    this.notify = undefined
    this.isTold = false
  }

  /** @param {import('./update-watch.js').HotClient} hot */
  attach(hot) {
    const { notifyListeners } = hot
    this.notify = (event, data) => Reflect.apply(notifyListeners, hot, [event, data])
    hot.notifyListeners = async (event, data) => {
      // The page gives up: its modules have heard of this outage.
      if (event === 'vite:ws:disconnect' && this.isTold && data?.webSocket === this.webSocket)
        return
      return Reflect.apply(notifyListeners, hot, [event, data])
    }
  }

  onLost() {
    this.isTold = true
    this.notify?.('vite:ws:disconnect', { webSocket: this.webSocket })
  }

  onBack() {
    this.isTold = false
    this.notify?.('vite:ws:connect', { webSocket: this.webSocket })
  }
}

module.exports = { OutageEvents }
