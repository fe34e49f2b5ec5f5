// A proxy in front of a dev server that does one thing wrong, in plain Node: what real ones do is in
// the suite `networks`.
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { selfSigned } from '../support/certificate.mjs'
import { listen } from '../support/port.mjs'

/**
 * @typedef {object} Fault
 * @property {boolean} [isSecure] TLS ends here
 * @property {boolean} [dropsUpgrade] The request goes on without its `Upgrade`
 * @property {number} [answersUpgrade] An upgrade gets this status from here
 * @property {(path: string) => boolean} [leads] Other paths get a 404 from here
 * @property {(path: string) => string} [rewrites] The path of an upgrade
 * @property {string} [host] The `Host` of all requests
 * @property {string} [upgradeHost] The `Host` of upgrades
 * @property {Set<string>} [drops] Headers of an upgrade that do not go on
 * @property {number} [idle] Milliseconds after which a silent connection is cut
 * @property {boolean} [holds] What the server sends over a WebSocket is held back
 * @property {boolean} [losesAnswer] The 101 is
 * @property {'politely' | 'stubbornly'} [caches] Vite's client; whether it heeds `no-cache`
 */

/**
 * @param {{ after(end: () => unknown): void }} t
 * @param {number} target The port of the dev server
 * @param {Fault} fault May be changed later
 * @returns {Promise<{ port: number, address: string }>}
 */
export async function startFront(t, target, fault) {
  const server = fault.isSecure ? https.createServer(await selfSigned()) : http.createServer()
  const cache = new Map()
  server.on('request', (request, response) => {
    const { url, method, headers } = request
    if (fault.leads && !fault.leads(url)) return response.writeHead(404).end('front')
    const isKept = fault.caches && url.includes('@vite/client')
    const mayAnswer = fault.caches === 'stubbornly' || headers['cache-control'] !== 'no-cache'
    if (isKept && mayAnswer && cache.has(url)) return response.end(cache.get(url))
    pass(request, { ...headers, ...(fault.host && { host: fault.host }) }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('end', () => isKept && cache.set(url, Buffer.concat(chunks)))
      answer.pipe(response)
    }).on('error', () => response.writeHead(502).end())

    function pass(from, passed, onAnswer) {
      const options = { port: target, host: '127.0.0.1', path: url, method, headers: passed }
      const asked = http.request({ ...options, agent: false }, onAnswer)
      from.pipe(asked)
      return asked
    }
  })
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => {})
    if (fault.answersUpgrade || (fault.leads && !fault.leads(request.url))) {
      return socket.end(`HTTP/1.1 ${fault.answersUpgrade ?? 404} No\r\nContent-Length: 0\r\n\r\n`)
    }
    relay(request, socket, target, fault)
  })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const port = await listen(server)
  return { port, address: `${fault.isSecure ? 'https' : 'http'}://127.0.0.1:${port}` }
}

function relay(request, socket, target, fault) {
  const behind = net.connect(target, '127.0.0.1')
  const path = fault.rewrites?.(request.url) ?? request.url
  const dropped = fault.dropsUpgrade
    ? new Set(['upgrade', 'connection'])
    : (fault.drops ?? new Set())
  const lines = Object.entries(request.headers)
    .filter(([name]) => !dropped.has(name))
    .map(([name, value]) => [
      name,
      name === 'host' ? (fault.upgradeHost ?? fault.host ?? value) : value,
    ])
    .map(([name, value]) => `${name}: ${value}`)
  if (fault.dropsUpgrade) lines.push('connection: close')
  behind.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  let isOpen = false
  let timer
  const live = () => {
    clearTimeout(timer)
    if (fault.idle) timer = setTimeout(() => socket.destroy(), fault.idle)
  }
  behind.on('data', (chunk) => {
    if (fault.losesAnswer || (fault.holds && isOpen)) return
    const end = chunk.indexOf('\r\n\r\n') + 4
    socket.write(fault.holds && end > 3 ? chunk.subarray(0, end) : chunk)
    isOpen = true
    live()
  })
  socket.on('data', (chunk) => {
    behind.write(chunk)
    live()
  })
  for (const [one, other] of [
    [behind, socket],
    [socket, behind],
  ]) {
    one.on('error', () => {})
    one.on('close', () => {
      clearTimeout(timer)
      other.destroy()
    })
  }
}
