import { Child } from './child.mjs'
import { pinned } from './cores.mjs'
import { clientOptions, commandFor, LOAD } from './kinds.mjs'
import { median } from './ledger.mjs'
import { cpuTime, difference } from './usage.mjs'

const FIRST_SEQUENCE = 1e9
const COLLECT_WITHIN_MS = 60_000
/** Time for one series; it decides how many broadcasts are in it. */
const SERIES_MS = 160
const WARM_UP_MS = 200
const MIN_GAP_MS = 3
/** Enough for any server's first broadcast to any crowd here. */
const FIRST_GAP_MS = 150
const BATCH = { least: 3, most: 30 }

/** One server and its clients, each a process of its own. */
export class Stand {
  /**
   * @param {string} kind
   * @param {{ server?: number, clients?: number }} [cores]
   */
  constructor(kind, cores = {}) {
    const { command, args, env } = pinned(commandFor(kind), cores.server)
    this.kind = kind
    this.server = new Child(kind, command, args, env)
    this.crowd = openCrowd(`clients of ${kind}`, cores.clients)
    this.sequence = FIRST_SEQUENCE
    this.clients = 0
    /** @type {Map<number, { gapMs: number, count: number }>} By size. */
    this.paces = new Map()
  }

  /**
   * @param {string} kind
   * @param {number} [clients]
   * @param {object} [options] See `order.rs`.
   * @param {{ server?: number, clients?: number }} [cores]
   */
  static async open(kind, clients = 0, options = {}, cores = {}) {
    const stand = new Stand(kind, cores)
    try {
      const { port, tls = false } = await stand.server.greeting
      Object.assign(stand, { port, tls })
      if (clients > 0) await stand.connect(clients, options)
      return stand
    } catch (error) {
      await stand.close()
      throw error
    }
  }

  /** @returns {Promise<number>} Nanoseconds until all had been greeted. */
  async connect(count, options = {}) {
    const atOnce = 128
    const { port, tls } = this
    const usual = { do: 'connect', port, tls, count, atOnce, ...clientOptions(this.kind) }
    const { ns } = await this.crowd.ask({ ...usual, ...options })
    this.clients += count
    return ns
  }

  /**
   * All connections are reset, and as many made at once.
   *
   * @returns {Promise<number>} Nanoseconds until all have been greeted, and the server has noticed the
   *   end of the old ones.
   */
  async again(options = {}) {
    const { port, tls, clients, kind } = this
    const usual = {
      do: 'connect',
      isAgain: true,
      port,
      tls,
      count: clients,
      ...clientOptions(kind),
    }
    const { begunNs, ns } = await this.crowd.ask({ ...usual, ...options })
    const { atNs } = await this.server.ask({ do: 'settle', clients })
    return Math.max(ns, atNs - begunNs)
  }

  /** All clients leave, and the server has noticed. */
  async disconnect() {
    await this.crowd.ask({ do: 'drop' })
    this.clients = 0
    const deadline = Date.now() + 20_000
    while ((await this.server.ask({ do: 'clients' })).clients > 0) {
      if (Date.now() > deadline) throw new Error(`${this.kind} does not notice that clients left`)
      await sleep(20)
    }
  }

  /**
   * Broadcasts with sleep in between, each when everybody has the one before.
   *
   * @param {number} size
   */
  async paced(size) {
    const pace = this.paces.get(size) ?? (await this.findPace(size))
    for (let attempt = 0; ; attempt++) {
      const series = await this.series({ size, ...pace })
      if (series.overlaps === 0 || attempt === 2) return series
      pace.gapMs *= 2
    }
  }

  async findPace(size) {
    const series = await this.series({ size, count: 2, gapMs: FIRST_GAP_MS })
    const slowest = Math.max(...series.latencyNs) / 1e6
    // Young code is slow: the next series are for the compilers.
    const warmUp = Math.max(2, Math.min(50, Math.round(WARM_UP_MS / (slowest + 1))))
    await this.series({ size, count: warmUp, gapMs: Math.ceil(slowest) + 1 })
    const again = await this.series({ size, count: 2, gapMs: Math.ceil(2 * slowest) + 5 })
    const gapMs = Math.max(MIN_GAP_MS, Math.ceil((1.5 * Math.max(...again.latencyNs)) / 1e6) + 2)
    const count = Math.max(BATCH.least, Math.min(BATCH.most, Math.round(SERIES_MS / gapMs)))
    const pace = { gapMs, count }
    this.paces.set(size, pace)
    return pace
  }

  /** @param {{ size: number, count: number }} order Sent in one turn of the event loop. */
  burst(order) {
    return this.series({ ...order, gapMs: 0 })
  }

  /**
   * Broadcasts while the clients sleep, so that all cores are the server's; the kernel notes when
   * the data was there.
   *
   * @param {{ size: number, gapMs: number }} order
   */
  unwatched(order) {
    return this.series({ ...order, count: 1, asleep: true })
  }

  /** CPU time of the server's threads so far, in nanoseconds. */
  cpu() {
    return cpuTime(this.server.pid)
  }

  /**
   * What a turn of a paced series costs in which nothing is sent, in nanoseconds: the main thread's
   * CPU time, and the time until it is free again.
   */
  async emptyTurn() {
    const before = this.cpu()
    const count = 30
    const order = { first: 0, count, size: 150, gapMs: MIN_GAP_MS, dry: true }
    const { freeNs } = await this.server.ask({ do: 'send', ...order })
    return { cpuNs: difference(this.cpu(), before).main / count, freeNs: median(freeNs) }
  }

  async series({ size, count, gapMs, asleep = false, withinMs = COLLECT_WITHIN_MS }) {
    const first = this.sequence
    this.sequence += count
    await this.crowd.ask({ do: 'expect', first, count, asleep })
    const before = this.cpu()
    const sent = await this.server.ask({ do: 'send', first, count, size, gapMs })
    const account = await this.crowd.ask({ do: 'collect', withinMs })
    if (gapMs === 0) await sleep(20)
    const cpu = difference(this.cpu(), before)
    this.expectFaultless(account)
    return { ...sent, ...account, count, cpu }
  }

  /** A figure of a server that loses or damages payloads means nothing. */
  expectFaultless({ faults }) {
    const found = Object.entries(faults).filter(([, count]) => count > 0)
    if (found.length === 0) return
    const list = found.map(([name, count]) => `${count} ${name}`).join(', ')
    throw new Error(`${this.kind}, ${this.clients} clients: payloads ${list}`)
  }

  async close() {
    await Promise.all([this.crowd.stop(), this.server.stop()])
  }
}

/**
 * Clients in a process of their own, none as yet.
 *
 * @param {string} name
 * @param {number} [core]
 */
export function openCrowd(name, core) {
  const { command, args } = pinned({ command: LOAD, args: [] }, core)
  const crowd = new Child(name, command, args)
  // Their program says nothing before it is asked.
  crowd.greeting.catch(() => {})
  clearTimeout(crowd.waiting.timer)
  crowd.waiting = undefined
  return crowd
}

/**
 * Opens a stand for each kind, one after another, and closes them all in the end.
 *
 * @template T
 * @param {string[]} kinds
 * @param {(kind: string) => Promise<Stand>} open
 * @param {(stands: Stand[]) => Promise<T>} use
 */
export async function withStands(kinds, open, use) {
  const stands = []
  try {
    for (const kind of kinds) stands.push(await open(kind))
    return await use(stands)
  } finally {
    await Promise.all(stands.map((stand) => stand.close()))
  }
}

/** @param {number} milliseconds */
export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
