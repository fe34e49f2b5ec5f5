'use strict'

const { randomBytes } = require('node:crypto')
const { parseUrl } = require('../http/access.js')

/** @typedef {import('../native/native.js').NativeServer} NativeServer */
/** @typedef {import('../vite/clients.js').Connection} Connection */
/**
 * A page that can come back on another connection.
 *
 * @typedef {object} Page
 * @property {string} key What the page shows when it comes back. Nobody else knows it.
 * @property {number} number In the addon.
 * @property {Connection | undefined} connection The live one.
 */
/**
 * How a page comes: for the first time, or with the number of the last message that it has.
 *
 * @typedef {{ page: Page, since: number | undefined }} Visit
 */

/** The query parameter by which a page says that it can come back. See `docs/reconnect.md`. */
const PARAMETER = 'vite-native-ws'

/** Closes a connection that cannot take up where an earlier one ended. */
const CANNOT_RESUME = 4001

/** Pages without a connection that are remembered. */
const MAX_AWAY = 4096

/** The pages of one server's life, and what they have to show to go on where they were. */
class Resumption {
  /**
   * @param {NativeServer} native
   * @param {string} session Names this server's life.
   */
  constructor(native, session) {
    this.native = native
    this.session = session
    /** @type {Map<string, Page>} */
    this.pages = new Map()
    /** @type {Set<Page>} Those without a connection; who left first comes first. */
    this.away = new Set()
  }

  /** Whether a page may come for what is sent now. */
  get hasPages() {
    return this.pages.size > 0
  }

  /**
   * Reads what an admitted upgrade request says.
   *
   * @param {string | undefined} url
   * @returns {Visit | 'plain' | 'cannot-resume'}
   */
  read(url) {
    const claim = parseUrl(url)?.searchParams.get(PARAMETER)
    if (!claim) return 'plain'
    if (claim === 'new') return { page: this.addPage(), since: undefined }
    const [session, key, sequence] = claim.split('.')
    const page = session === this.session ? this.pages.get(key) : undefined
    if (!page || !/^\d{1,15}$/.test(sequence)) return 'cannot-resume'
    const since = Number(sequence)
    return this.native.canResume(page.number, since) ? { page, since } : 'cannot-resume'
  }

  addPage() {
    const key = randomBytes(16).toString('base64url')
    /** @type {Page} */
    const page = { key, number: this.native.addPage(), connection: undefined }
    this.pages.set(key, page)
    this.away.add(page)
    return page
  }

  /**
   * Says on a new connection who the page is and where it stands, and sends what it missed.
   *
   * @param {Connection} connection
   * @param {Visit} visit
   */
  greet(connection, { page, since }) {
    const { native, session } = this
    if (page.connection) native.terminate(page.connection.id)
    page.connection = connection
    connection.page = page
    this.away.delete(page)
    const seq = since ?? native.lastSequence()
    const received = native.receivedFrom(page.number)
    native.greet(connection.id, JSON.stringify({ session, client: page.key, seq, received }), seq)
  }

  /** @param {Connection} connection It has ended. */
  onClosed(connection) {
    const { page } = connection
    if (page?.connection !== connection) return
    page.connection = undefined
    this.away.add(page)
    if (this.away.size > MAX_AWAY) this.forgetFirst()
  }

  /** Forgets the page that has been away for longest. */
  forgetFirst() {
    const [page] = this.away
    this.away.delete(page)
    this.pages.delete(page.key)
    this.native.removePage(page.number)
  }
}

module.exports = { CANNOT_RESUME, Resumption }
