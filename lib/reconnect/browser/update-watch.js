'use strict'

/** @typedef {import('./settings.js').ReconnectSettings} ReconnectSettings */
/** @typedef {import('./host.js').Host} Host */
/**
 * The members of Vite's client that the page's half uses, in every major.
 *
 * @typedef {object} HotClient
 * @property {(update: any) => Promise<any>} importUpdatedModule
 * @property {(event: string, data: any) => Promise<void>} notifyListeners
 */

/**
 * Watch over the updates that Vite's client gets: whether each has been fetched. That client goes on
 * after one whose `import()` has failed, and takes a style sheet that did not load for one that did, so
 * the page may show something older than its last update. Browser code, see `browser-source.js`.
 */
class UpdateWatch {
  /**
   * @param {ReconnectSettings} settings
   * @param {Host} host
   * @param {() => void} onFailed An update that an outage touched has not been fetched.
   */
  constructor(settings, host, onFailed) {
    this.settings = settings
    this.host = host
    this.onFailed = onFailed
    /** @type {Map<number, boolean>} Updates not known to be fetched, and whether Vite is done. */
    this.updates = new Map()
    /** @type {Set<{ outages: number }>} Imports under way, with the outages before each. */
    this.imports = new Set()
    /** @type {string[]} Modules that the server has said to be broken, the last ones. */
    this.broken = []
    this.outages = 0
    this.hasFailed = false
    /** Missed messages that are yet to come, and the last update that an outage has touched. */
    this.owed = 0
    this.touched = 0
    /** When the last import ended, of the page's own clock. */
    this.importedAt = Number.NEGATIVE_INFINITY
  }

  /** @param {HotClient} hot */
  attach(hot) {
    const { importUpdatedModule, notifyListeners } = hot
    hot.importUpdatedModule = (update) =>
      this.watch(update.acceptedPath, () => Reflect.apply(importUpdatedModule, hot, [update]))
    const field = JSON.parse(`${this.settings.texts.field}0}`)
    const [name] = Object.keys(field)
    hot.notifyListeners = (event, data) => {
      if (event === 'vite:afterUpdate') this.onApplied(data?.[name])
      if (event === 'vite:error') this.onError(data?.err)
      return Reflect.apply(notifyListeners, hot, [event, data])
    }
  }

  /**
   * A message is handed to Vite's client.
   *
   * @param {number} number
   * @param {string} data
   */
  onDelivered(number, data) {
    if (data.includes('"type":"update"')) {
      this.updates.set(number, false)
      if (this.owed > 0) this.touched = number
    }
    this.owed = Math.max(0, this.owed - 1)
  }

  /**
   * Outages before what is asked for now. What an update asks for that was delivered before a loss, or
   * had been missed, a page that was never away has asked for before it.
   */
  get outagesBefore() {
    const isTouched = Array.from(this.updates.keys()).some((number) => number <= this.touched)
    return isTouched ? this.outages - 1 : this.outages
  }

  /**
   * Whether an import was under way at some time of the page's own clock.
   *
   * @param {number} time
   */
  wasImporting(time) {
    return this.imports.size > 0 || time <= this.importedAt
  }

  /**
   * @param {number} seq The highest number that the page has had.
   * @returns {number} The highest one up to which all updates have been fetched.
   */
  applied(seq) {
    return Math.min(seq, ...Array.from(this.updates.keys(), (number) => number - 1))
  }

  onLost() {
    this.outages += 1
    this.touched = Math.max(this.touched, ...this.updates.keys())
  }

  /**
   * The page is back. Vite's client waits for an import before it goes on to the next update.
   *
   * @param {number} missed Numbered messages that follow.
   */
  onBack(missed) {
    this.owed = missed
    const isOld = (/** @type {{ outages: number }} */ { outages }) => outages < this.outages
    const check = () => {
      if ([...this.imports].some(isOld)) this.fail(0)
    }
    if (this.imports.size > 0) this.host.setTimeout(check, this.settings.hanging)
  }

  /** @param {number} number */
  onApplied(number) {
    if (this.updates.has(number)) this.updates.set(number, true)
    this.settle()
  }

  /** @param {any} error Of the server, about a module. */
  onError(error) {
    this.broken.push(String(error?.id ?? error?.loc?.file))
    if (this.broken.length > 32) this.broken.shift()
  }

  /** Vite 5 may be done with an update whose module is still on its way. */
  settle() {
    if (this.imports.size > 0) return
    for (const [number, isDone] of this.updates) if (isDone) this.updates.delete(number)
  }

  /**
   * @template T
   * @param {string} path
   * @param {() => Promise<T>} load
   * @returns {Promise<T>}
   */
  async watch(path, load) {
    const own = { outages: this.outagesBefore }
    this.imports.add(own)
    this.broken = this.broken.filter((id) => !this.isIdOf(id, path))
    try {
      return await load()
    } catch (error) {
      this.judge(error, path, own.outages)
      throw error
    } finally {
      this.imports.delete(own)
      this.importedAt = this.host.elapsed()
      this.settle()
    }
  }

  /**
   * A module that throws while it runs does so in every tab. One that could not be had does not.
   *
   * @param {any} error Of an import.
   * @param {string} path Of the module.
   * @param {number} outages Before it began.
   */
  judge(error, path, outages) {
    if (error?.name === 'TypeError' && /module/i.test(error.message)) this.onMissing(path, outages)
  }

  /**
   * Something did not load. If the server cannot serve it, all pages get an error about the same time.
   *
   * @param {string} path
   * @param {number} outages Before it was asked for.
   */
  onMissing(path, outages) {
    const judge = () => {
      if (!this.isSaidBroken(path)) this.fail(outages)
    }
    this.host.setTimeout(judge, this.settings.report)
  }

  /** @param {string} path */
  isSaidBroken(path) {
    return this.broken.some((id) => this.isIdOf(id, path))
  }

  /**
   * @param {string} id A path in the file system.
   * @param {string} path Of a URL.
   */
  isIdOf(id, path) {
    const [file, end] = [id, path].map((text) => text.replace(/[?#].*$/, ''))
    return file.endsWith(end.replace(/^\/@fs/, ''))
  }

  /** @param {number} outages Before it was asked for. */
  fail(outages) {
    this.hasFailed = true
    if (outages < this.outages) this.onFailed()
  }
}

module.exports = { UpdateWatch }
