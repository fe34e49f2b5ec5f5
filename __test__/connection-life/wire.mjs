// A TCP proxy: what stands between a browser and a dev server, and what listens in.
import { once } from 'node:events'
import net from 'node:net'

/**
 * Forwards every connection to a port, keeps what the server said on each, and cuts those on which
 * neither side has said anything for a time.
 */
export async function openWire(t, { to, idle = 0 }) {
  const sockets = new Set()
  const wire = { port: 0, cuts: 0, received: [] }
  const server = net.createServer({ noDelay: true }, (near) => {
    const far = net.connect({ port: to, host: '127.0.0.1', noDelay: true })
    const heard = []
    wire.received.push(heard)
    far.on('data', (chunk) => heard.push(chunk))
    const cut = () => {
      wire.cuts++
      near.destroy()
      far.destroy()
    }
    let timer = idle ? setTimeout(cut, idle) : undefined
    const isAlive = () => {
      if (!idle) return
      clearTimeout(timer)
      timer = setTimeout(cut, idle)
    }
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(one)
      one.on('data', isAlive)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        clearTimeout(timer)
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  wire.port = server.address().port
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return wire
}
