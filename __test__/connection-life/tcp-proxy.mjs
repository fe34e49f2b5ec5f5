// A TCP proxy: what stands between a browser and a dev server, and what listens in.
import net from 'node:net'
import { listen } from '../support/port.mjs'

/**
 * Forwards every connection to a port, keeps what the server said on each, and cuts those on which
 * neither side has said anything for a time.
 */
export async function openTcpProxy(t, { to, idle = 0 }) {
  const sockets = new Set()
  const proxy = { port: 0, cuts: 0, received: [] }
  const server = net.createServer({ noDelay: true }, (near) => {
    const far = net.connect({ port: to, host: '127.0.0.1', noDelay: true })
    const heard = []
    proxy.received.push(heard)
    far.on('data', (chunk) => heard.push(chunk))
    const cut = () => {
      proxy.cuts++
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
  proxy.port = await listen(server)
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return proxy
}
