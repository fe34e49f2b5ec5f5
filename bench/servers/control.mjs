import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { now } from './clock.mjs'
import { fillFor, payload } from './payload.mjs'

const SETTLE_POLL_MS = 2
const FLOOR_TIMES = 51
const FLOOR_GAP_MS = 3
/** Kept, so that no compiler leaves out what makes it. */
let floorBytes = 0

/**
 * What the driver needs of a server.
 *
 * @typedef {object} Server
 * @property {number} port
 * @property {boolean} [isTls]
 * @property {(payload: object) => void} send
 * @property {(event: string, listener: (data: unknown) => void) => void} on
 * @property {() => number} clients
 */

/**
 * Says where the server is and carries out the driver's orders.
 *
 * @param {Server} server
 * @param {Record<string, (order: any) => any>} [more] Orders that this kind of server takes besides.
 */
export function obey(server, more = {}) {
  const orders = { ...ordersFor(server), ...more }
  const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
  createInterface({ input: process.stdin })
    .on('line', async (line) => {
      const order = JSON.parse(line)
      try {
        answer((await orders[order.do](order)) ?? {})
      } catch (error) {
        answer({ error: error.stack })
      }
    })
    .on('close', () => process.exit())
  answer({ port: server.port, tls: server.isTls ?? false })
}

/** @param {Server} server */
function ordersFor(server) {
  let heard = 0
  let awaited
  let delay
  return {
    send: (order) => (order.gapMs > 0 ? sendPaced(server, order) : sendBurst(server, order)),
    clients: () => ({ clients: server.clients() }),
    listen({ event }) {
      server.on(event, () => {
        heard += 1
        if (heard === awaited?.count) awaited.resolve({ atNs: now() })
      })
    },
    /** Answers when so many messages have been heard in all. */
    hear({ count }) {
      if (heard >= count) return { atNs: now() }
      return new Promise((resolve) => {
        awaited = { count, resolve }
      })
    },
    /** Answers when there are just so many clients. */
    async settle({ clients }) {
      while (server.clients() !== clients) await sleep(SETTLE_POLL_MS)
      return { atNs: now() }
    },
    floor: ({ size }) => measureFloor(size),
    heard() {
      return { heard }
    },
    async block({ forMs, everyMs, times }) {
      for (let time = 0; time < times; time++) {
        await sleep(everyMs - forMs)
        const end = now() + forMs * 1e6
        while (now() < end);
      }
    },
    watchLoop() {
      delay = monitorEventLoopDelay({ resolution: 1 })
      delay.enable()
    },
    loopDelay() {
      delay.disable()
      return { p50Ns: delay.percentile(50), p99Ns: delay.percentile(99), maxNs: delay.max }
    },
    async memory() {
      // The second collection finds what finalizers of the first have let go.
      for (let time = 0; time < 3; time++) {
        if (process.versions.bun) Bun.gc(true)
        else globalThis.gc()
        await sleep(100)
      }
      return process.memoryUsage()
    },
  }
}

/**
 * The least that a broadcast costs JavaScript: the text of the payload, and its UTF-8. The median, in
 * nanoseconds, with the thread at rest in between as in a paced series.
 */
async function measureFloor(size) {
  const fill = fillFor(size)
  const times = []
  for (let time = 0; time < FLOOR_TIMES; time++) {
    const message = payload(time, now(), fill)
    const begun = now()
    floorBytes = Buffer.from(JSON.stringify(message)).length
    times.push(now() - begun)
    await sleep(FLOOR_GAP_MS)
  }
  times.sort((a, b) => a - b)
  return { ns: times[FLOOR_TIMES >> 1], bytes: floorBytes }
}

/**
 * Sends one payload after another, with sleep in between, and says how long each call took and
 * when the thread was free for other work.
 */
async function sendPaced(server, { first, count, size, gapMs, dry }) {
  const fill = fillFor(size)
  const wallNs = []
  const freeNs = []
  for (let place = 0; place < count; place++) {
    const begun = now()
    const message = payload(first + place, begun, fill)
    const called = now()
    if (!dry) server.send(message)
    wallNs.push(now() - called)
    await freedom()
    freeNs.push(now() - called)
    await sleep(gapMs)
  }
  return { wallNs, freeNs }
}

/** Sends all payloads in one turn of the event loop. */
async function sendBurst(server, { first, count, size }) {
  const fill = fillFor(size)
  const wallNs = []
  const begun = now()
  for (let place = 0; place < count; place++) {
    const message = payload(first + place, now(), fill)
    const called = now()
    server.send(message)
    wallNs.push(now() - called)
  }
  await freedom()
  return { wallNs, freeNs: [now() - begun] }
}

/** Bun writes at the end of a turn, behind what `setImmediate` asked for; hence a second one. */
async function freedom() {
  await turn()
  await turn()
}
