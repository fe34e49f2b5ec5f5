// Ports of this machine.
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'

/**
 * Lets a server listen on the loopback address.
 *
 * @param {import('node:net').Server} server
 * @param {number} [port] 0 takes a free one
 * @returns {Promise<number>} the port
 */
export async function listen(server, port = 0) {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

/** Below the ports that systems give out by themselves, which other tests may get meanwhile. */
const FIRST = 20_000
const LAST = 32_000

/** @type {Set<number>} Those that were given out here. */
const given = new Set()

/** A free port, for what must know its port beforehand. */
export async function freePort() {
  for (;;) {
    const port = randomInt(FIRST, LAST)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
}

/** Whether nobody listens on a port. */
export async function isFree(port) {
  const probe = net.createServer()
  const isListening = await listen(probe, port).then(
    () => true,
    () => false,
  )
  if (isListening) await new Promise((resolve) => probe.close(resolve))
  return isListening
}

/** Whether somebody listens on a port. To try to listen would be in the way of who is about to. */
export function isOpen(port) {
  const socket = net.connect(port, '127.0.0.1')
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
  }).finally(() => socket.destroy())
}
