import { openSync, readSync } from 'node:fs'
import { PerformanceObserver, performance } from 'node:perf_hooks'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { now } from './clock.mjs'
import { fillFor, payload } from './payload.mjs'

const MEBIBYTE = 1024 * 1024
const SMALL_BYTES = 150
const MISSED_BYTES = 8 * 1024

/**
 * Orders that time calls of a dev server's `ws`. The bystander is the client that came first, "it"
 * the one that came last.
 *
 * @param {any} ws Vite's or ours.
 */
export function callOrders(ws) {
  const small = payload(0, 0, fillFor(SMALL_BYTES))
  const text = JSON.stringify(small)
  const big = { type: 'custom', event: 'bench:bulk', data: 'x'.repeat(MEBIBYTE) }
  const toClient = {
    'client.send': ({ send }) => send(small),
    'socket.send': ({ socket }) => socket.send(text),
    ping: ({ socket }) => socket.ping(),
  }
  const ofServer = {
    send: () => ws.send(small),
    'send 1 MiB': () => ws.send(big),
    stats: () => ws.stats(),
    on() {
      ws.on('bench:on', ignore)
      ws.off('bench:on', ignore)
    },
  }
  const bulk = (mebibytes) => {
    for (let count = 0; count < mebibytes; count++) ws.send(big)
  }
  const callOf = (name, to) => {
    if (ofServer[name]) return ofServer[name]
    const call = toClient[name]
    return () => {
      const clients = [...ws.clients]
      const client = to === 'it' ? clients.at(-1) : clients[0]
      if (to === 'it' && clients.length < 2) return undefined
      return () => call(client)
    }
  }
  return {
    /**
     * The worst of so many calls, `inTurn` of them in each turn, behind a bulk. `own` is less the time
     * for which this thread waited for a core, or V8 collected garbage on it.
     */
    async call({ name, to, count, everyMs, withinMs, bulkMiB = 0, inTurn = 1 }) {
      const times = []
      const waited = waitingTime()
      const collections = watchCollections()
      const deadline = now() + withinMs * 1e6
      const pick = callOf(name, to)
      let done = 0
      while (done < count && now() < deadline) {
        bulk(bulkMiB)
        for (let place = 0; place < inTurn; place++) {
          const call = to ? pick() : pick
          done += 1
          if (!call) continue
          const waitedBefore = waited()
          const begun = now()
          call()
          const wallNs = now() - begun
          times.push({ begun, wallNs, waitedNs: waited() - waitedBefore })
        }
        if (everyMs > 0) await sleep(everyMs)
        await turn()
      }
      const collectedNs = await collections()
      const ownNs = (time) => time.wallNs - time.waitedNs - collectedNs(time)
      return {
        wallNs: Math.max(0, ...times.map(({ wallNs }) => wallNs)),
        ownNs: Math.max(0, ...times.map(ownNs)),
        done,
      }
    },
    /** So many payloads of 1 MiB to everybody, one a turn. */
    async fill({ mebibytes }) {
      for (let count = 0; count < mebibytes; count++) {
        bulk(1)
        await sleep(2)
      }
    },
    /** So many updates, as pages that are away miss them. */
    async miss({ count }) {
      const path = `/${'x'.repeat(MISSED_BYTES - 150)}`
      for (let number = 0; number < count; number++) {
        const update = { type: 'js-update', path, acceptedPath: '/', timestamp: number }
        ws.send({ type: 'update', updates: [update] })
        if (number % 50 === 0) await turn()
      }
    },
    /** Broadcasts as fast as it can, with a turn now and then. */
    async hammer({ forMs }) {
      const end = now() + forMs * 1e6
      while (now() < end) {
        for (let count = 0; count < 50; count++) ws.send(small)
        await turn()
      }
    },
    /** What waits for the client that came last. */
    held() {
      const { perClient, overflows } = ws.stats?.() ?? {}
      const bytes = perClient?.at(-1)?.queuedBytes ?? [...ws.clients].at(-1)?.socket.bufferedAmount
      return { bytes: bytes ?? 0, overflows }
    },
  }
}

function ignore() {}

/**
 * Watches V8's garbage collections on this thread. The result ends that, and tells of how long there
 * was one in a call.
 */
function watchCollections() {
  const found = []
  const observer = new PerformanceObserver((list) => found.push(...list.getEntries()))
  observer.observe({ entryTypes: ['gc'] })
  const originNs = now() - performance.now() * 1e6
  return async () => {
    // Entries come behind the turn.
    await sleep(20)
    observer.disconnect()
    return ({ begun, wallNs }) => {
      const end = begun + wallNs
      const within = ({ startTime, duration }) => {
        const start = originNs + startTime * 1e6
        return Math.max(0, Math.min(end, start + duration * 1e6) - Math.max(begun, start))
      }
      return found.reduce((sum, entry) => sum + within(entry), 0)
    }
  }
}

/** Reads for how long this thread has been ready and without a core, in nanoseconds. */
function waitingTime() {
  const file = openSync(`/proc/self/task/${process.pid}/schedstat`)
  const text = Buffer.alloc(80)
  return () => {
    const length = readSync(file, text, 0, text.length, 0)
    const [, waited] = text.toString('latin1', 0, length).split(' ')
    return Number(waited)
  }
}
