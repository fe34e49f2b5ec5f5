'use strict'

const { randomBytes } = require('node:crypto')
const { parseUrl } = require('../http/access.js')

/** @typedef {import('../native/native.js').NativeServer} NativeServer */
/** @typedef {import('../vite/clients.js').Connection} Connection */
/**
 * A page that can come back on another connection.
 *
 * @typedef {object} Session
 * @property {string} key What the page shows when it comes back. Nobody else knows it.
 * @property {number} number In the addon.
 * @property {Connection | undefined} connection The live one.
 */
/**
 * How a page comes: for the first time, or with the number of the last message that it has.
 *
 * @typedef {{ session: Session, since: number | undefined }} Visit
 */

/** The query parameter by which a page says that it can come back. See `docs/reconnect.md`. */
const PARAMETER = 'vite-native-ws'

/** Closes a connection that cannot take up where an earlier one ended. */
const CANNOT_RESUME = 4001

/** Sessions without a connection that are remembered. */
const MAX_AWAY = 4096

/** The sessions of one server's life, and what they have to show to go on where they were. */
class Sessions {
  /**
   * @param {NativeServer} native
   * @param {string} instance Names this server's life.
   */
  constructor(native, instance) {
    this.native = native
    this.instance = instance
    /** @type {Map<string, Session>} */
    this.sessions = new Map()
    /** @type {Set<Session>} Those without a connection; who left first comes first. */
    this.away = new Set()
  }

  /** Whether a page may come for what is sent now. */
  get hasSessions() {
    return this.sessions.size > 0
  }

  /**
   * Reads what an admitted upgrade request says.
   *
   * @param {string | undefined} url
   * @returns {Visit | 'plain' | 'cannot-resume'}
   */
  read(url) {
    const presented = parseUrl(url)?.searchParams.get(PARAMETER)
    if (!presented) return 'plain'
    if (presented === 'new') return { session: this.addSession(), since: undefined }
    const [instance, key, sequence] = presented.split('.')
    const session = instance === this.instance ? this.sessions.get(key) : undefined
    if (!session || !/^\d{1,15}$/.test(sequence)) return 'cannot-resume'
    const since = Number(sequence)
    return this.native.canResume(session.number, since) ? { session, since } : 'cannot-resume'
  }

  addSession() {
    const key = randomBytes(16).toString('base64url')
    /** @type {Session} */
    const session = { key, number: this.native.addSession(), connection: undefined }
    this.sessions.set(key, session)
    this.away.add(session)
    return session
  }

  /**
   * Says on a new connection who the page is and where it stands, and sends what it missed.
   *
   * @param {Connection} connection
   * @param {Visit} visit
   */
  greet(connection, { session, since }) {
    const { native, instance } = this
    session.connection?.terminate()
    session.connection = connection
    connection.session = session
    this.away.delete(session)
    const seq = since ?? native.lastSequence()
    const received = native.receivedFrom(session.number)
    native.sendHello(
      connection.id,
      JSON.stringify({ session: instance, client: session.key, seq, received }),
      seq,
    )
  }

  /** @param {Connection} connection It has ended. */
  onClosed(connection) {
    const { session } = connection
    if (session?.connection !== connection) return
    session.connection = undefined
    this.away.add(session)
    if (this.away.size > MAX_AWAY) this.forgetOldest()
  }

  /** Forgets the page that has been away for longest. */
  forgetOldest() {
    const [session] = this.away
    this.away.delete(session)
    this.sessions.delete(session.key)
    this.native.removeSession(session.number)
  }
}

module.exports = { CANNOT_RESUME, Sessions }
