import { openSync, readSync } from 'node:fs'
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
     * for which this thread waited for a core.
     */
    async call({ name, to, count, everyMs, withinMs, bulkMiB = 0, inTurn = 1 }) {
      const worst = { wallNs: 0, ownNs: 0 }
      const waited = waitingTime()
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
          const ownNs = Math.max(0, wallNs - (waited() - waitedBefore))
          worst.wallNs = Math.max(worst.wallNs, wallNs)
          worst.ownNs = Math.max(worst.ownNs, ownNs)
        }
        if (everyMs > 0) await sleep(everyMs)
        await turn()
      }
      return { ...worst, done }
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
