// Ports of this machine.
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

/** A port that was free a moment ago, for what must know its port beforehand. */
export async function freePort() {
  const probe = net.createServer()
  const port = await listen(probe)
  await new Promise((resolve) => probe.close(resolve))
  return port
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
