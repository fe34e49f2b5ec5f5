'use strict'

const { randomBytes } = require('node:crypto')
const { parseUrl } = require('../http/access.js')
const { REASONS } = require('./browser/settings.js')
const { clearInterval, now, setInterval } = require('../timers.js')

/** @typedef {import('../native/native.js').NativeServer} NativeServer */
/** @typedef {import('../vite/client.js').Client} Client */
/** @typedef {import('../vite/clients.js').Connection} Connection */
/** @typedef {import('./update-history.js').UpdateHistory} UpdateHistory */
/**
 * A page that can come back on another connection.
 *
 * @typedef {object} Session
 * @property {string} key What the page shows when it comes back. Nobody else knows it.
 * @property {number} number In the addon.
 * @property {Client | undefined} client Undefined once plugins know that it left.
 * @property {Connection | undefined} connection The live one.
 * @property {number} leftAt When that was lost, by the monotonic clock.
 * @property {[string, (...args: any[]) => unknown][]} suspended Listeners that plugins took off when
 *   its connection was lost.
 * @property {string[]} added Custom events that plugins listen for since its last return.
 * @property {boolean} hasMissedRaw A raw message was for it while it had no connection.
 * @property {(former: object) => void} onMissedRaw A raw message came too late for a connection.
 */
/** @typedef {{ session: Session, since: number, missed: number, away: number }} Return */

/** The query parameter by which a page that comes back shows where it was. See `docs/reconnect.md`. */
const PARAMETER = 'vite-native-ws'

/** The event by which a page says why it has reloaded, where the server cannot know. */
const RELOADED = 'vite-native-ws:reloaded'

/** Closes a connection that cannot take up where an earlier one ended. */
const CANNOT_RESUME = 4001

/** Closes, from the page, a connection that it takes for lost: it does not leave. */
const LOST = 4002

/** Pages without a connection that are remembered. A browser's own limit on sockets is 255. */
const MAX_AWAY = 1000

/** Checks in each `maxAge` for pages that have been away for longer. */
const LOOKS = 8

/** Why a page of an earlier server, or of another one, cannot go on. */
const ANOTHER_SERVER = 'the dev server was restarted, or is another'

/** Why a page cannot that a plugin has sent something which cannot be sent again. */
const MISSED_RAW = 'it missed a raw message'

/** The same as of another server, also where the page finds out. @type {string[]} */
const OF_ANOTHER = [ANOTHER_SERVER, REASONS.another, REASONS.foreign, REASONS.restarted]

/**
 * What a page that comes back shows, in its parts: the server instance that it knows, its key, and
 * three numbers.
 *
 * @param {string | undefined} url Of its upgrade request.
 * @returns {string[] | undefined} Nothing for one that does not come back.
 */
function readTicket(url) {
  return parseUrl(url)?.searchParams.get(PARAMETER)?.split('.')
}

/**
 * Whether a page comes back to a server that is not there any more. Its token is that server's, so
 * nothing of it is trusted; all that it gets is that it should reload.
 *
 * @param {string | undefined} url Of its upgrade request.
 * @param {string} instance The present server.
 */
function isOfAnotherServer(url, instance) {
  const ticket = readTicket(url)
  return ticket !== undefined && ticket[0] !== instance
}

/** The sessions of one server's life, and what they have to show to go on where they were. */
class Sessions {
  /**
   * @param {object} options
   * @param {NativeServer} options.native
   * @param {string} options.instance Names this server's life.
   * @param {number} options.maxAge Milliseconds that a page may be away.
   * @param {UpdateHistory} options.history
   * @param {(client: Client, reason: string) => void} options.onGivenUp The page will not come back.
   */
  constructor({ native, instance, maxAge, history, onGivenUp }) {
    this.native = native
    this.instance = instance
    this.maxAge = maxAge
    this.history = history
    this.onGivenUp = onGivenUp
    /** @type {Map<string, Session>} */
    this.sessions = new Map()
    /** @type {Set<Session>} Those without a connection, in the order in which they left. */
    this.away = new Set()
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined
  }

  /** Whether a page may come for what is sent now. */
  get hasSessions() {
    return this.sessions.size > 0
  }

  /** @returns {Client[]} Those without a connection, of whom plugins know. */
  get awayClients() {
    return Array.from(this.away, ({ client }) => client).filter((client) => client !== undefined)
  }

  /**
   * Reads what an admitted upgrade request says.
   *
   * @param {string | undefined} url
   * @returns {Return | { reason: string } | undefined} Nothing for one that does not come back. A
   *   page that gets a reason has to be reloaded.
   */
  read(url) {
    const ticket = readTicket(url)
    if (ticket === undefined) return undefined
    const [instance, key, ...numbers] = ticket
    if (instance !== this.instance) return { reason: ANOTHER_SERVER }
    const session = this.sessions.get(key)
    if (!session) return { reason: 'it was away for too long' }
    const isSound = numbers.length === 3 && numbers.every((number) => /^\d{1,15}$/.test(number))
    if (!isSound) return { reason: 'it does not say where it was' }
    const [since, applied, rawCount] = numbers.map(Number)
    const missed = this.native.missed(session.number, since)
    const reason = this.obstacle({ session, missed, applied, rawCount })
    if (reason === undefined) {
      const away = session.connection ? 0 : now() - session.leftAt
      return { session, since, missed, away }
    }
    this.giveUp(session, reason)
    return { reason }
  }

  /** @param {{ session: Session, missed: number, applied: number, rawCount: number }} page */
  obstacle({ session, missed, applied, rawCount }) {
    if (missed < 0) return 'what it missed is not kept'
    if (!this.history.allows(applied)) {
      return 'a module was updated twice, and compiled for another page in between'
    }
    const hasRaw = rawCount === this.native.rawSent(session.number) && !session.hasMissedRaw
    if (!hasRaw) return MISSED_RAW
    return undefined
  }

  /**
   * A page that has come back by now has to be reloaded; one that is away is when it comes.
   *
   * @param {Session} session
   * @param {object} former The connection that a raw message came too late for.
   */
  onMissedRaw(session, former) {
    const { connection } = session
    if (!connection || connection === former) session.hasMissedRaw = true
    else connection.close(CANNOT_RESUME, Buffer.from(MISSED_RAW))
  }

  /**
   * A page says on its first connection that it can come back.
   *
   * @param {Connection} connection
   */
  begin(connection) {
    const key = randomBytes(16).toString('base64url')
    const client = /** @type {Client} */ (connection.owner)
    const number = this.native.beginSession(connection.id, this.instance, key)
    if (number === 0) return
    /** @type {Session} */
    const session = {
      key,
      number,
      client,
      connection,
      leftAt: 0,
      suspended: [],
      added: [],
      hasMissedRaw: false,
      onMissedRaw: (former) => this.onMissedRaw(session, former),
    }
    this.sessions.set(key, session)
    connection.session = session
    client.session = session
    this.timer ??= setInterval(() => this.look(), Math.max(20, this.maxAge / LOOKS)).unref()
  }

  /**
   * Welcomes a page on another connection, with all that it missed.
   *
   * @param {Connection} connection
   * @param {Return} visit
   * @returns {boolean} Whether all of it is still there.
   */
  resume(connection, { session, since }) {
    const { native, instance } = this
    if (!native.resume(connection.id, instance, session.key, since)) return false
    session.connection?.terminate()
    session.connection = connection
    connection.session = session
    this.away.delete(session)
    return true
  }

  /**
   * The last connection of a page has ended.
   *
   * @param {Session} session
   */
  onLeft(session) {
    session.connection = undefined
    session.leftAt = now()
    this.away.add(session)
    if (this.away.size <= MAX_AWAY) return
    const [oldest] = this.away
    this.giveUp(oldest, 'too many pages are away')
  }

  /** Forgets pages that have been away for too long, and messages that no page can ask for. */
  look() {
    const time = now()
    for (const session of this.away) {
      if (time - session.leftAt < this.maxAge) break
      this.giveUp(session, 'it was away for too long')
    }
    this.native.expire()
    if (this.sessions.size === 0) this.stop()
  }

  /**
   * @param {Session} session
   * @param {string} reason
   */
  giveUp(session, reason) {
    const { client } = session
    this.away.delete(session)
    this.sessions.delete(session.key)
    this.native.endSession(session.number)
    session.client = undefined
    if (client) client.session = undefined
    // Its end, and so that of its client, is reported as that of any other connection.
    if (session.connection) session.connection.terminate()
    else if (client) this.onGivenUp(client, reason)
  }

  /** The server closes: nobody comes back. */
  close() {
    for (const session of [...this.away]) this.giveUp(session, 'the server has closed')
    this.stop()
  }

  stop() {
    clearInterval(this.timer)
    this.timer = undefined
  }
}

/**
 * @param {string} why A page cannot go on.
 * @returns {'restart' | 'notResumed'} How it is counted.
 */
function causeOf(why) {
  return OF_ANOTHER.includes(why) ? 'restart' : 'notResumed'
}

/**
 * Why a page has reloaded, as it says itself.
 *
 * @param {unknown} reason Nothing that a client says is trusted.
 * @returns {{ cause: 'restart' | 'notResumed', why: string } | undefined} Nothing for what no page says.
 */
function readReload(reason) {
  const why = Object.values(REASONS).find((known) => known === reason)
  if (why === undefined) return undefined
  return { cause: causeOf(why), why }
}

module.exports = {
  ANOTHER_SERVER,
  CANNOT_RESUME,
  causeOf,
  isOfAnotherServer,
  LOST,
  readReload,
  RELOADED,
  Sessions,
}
