import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { now } from './clock.mjs'
import { fillFor, payload } from './payload.mjs'

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
  let delay
  return {
    send: (order) => (order.gapMs > 0 ? sendPaced(server, order) : sendBurst(server, order)),
    clients: () => ({ clients: server.clients() }),
    listen({ event }) {
      server.on(event, () => {
        heard += 1
      })
    },
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
