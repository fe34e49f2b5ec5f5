// Clients that make trouble for a server, in a process of their own. They take orders as JSON
// lines: `begin` one kind of trouble, `end` it.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import net from 'node:net'
import { createInterface } from 'node:readline'

const { loadBinary } = createRequire(import.meta.url)('../lib/native/binary.js')

const MEBIBYTE = 1024 * 1024
const TEXT = 0x1
const PING = 0x9
/** Of a client that does not read, so that keepalive does not take it for dead. */
const PING_EVERY_MS = 5_000
/** A slow reader takes one chunk of Node's (64 KiB) so often, and asks for four times as much. */
const SLOW = { everyMs: 20, asks: 256 * 1024 }
/** A page that returns stays this long before it is cut again. */
const STAY_MS = 60
const WELCOME = /vite-native-ws:welcome","data":(\{[^}]*\})/
/** Frames of one write of a flooding client. */
const FLOOD_BURST = 20
/** All in one write, to a server whose JavaScript is blocked. */
const EVENTS_BYTES = 6 * MEBIBYTE
const EVENT_BYTES = 1024
/** Below `maxPayload`, whose default is 100 MiB. */
const HUGE_BYTES = 95 * MEBIBYTE

/** Resolves when the trouble is as bad as it gets; `over.ended` says when to stop. */
const KINDS = {
  /** Asks for so many MiB, reads nothing, and pings now and then. */
  async stalled({ port, asks }, over) {
    const { socket } = await connect(port)
    socket.pause()
    const ask = invoke(MEBIBYTE)
    for (let count = 0; count < asks; count++) socket.write(ask)
    if (asks > 0) await pass(1_000)
    every(over, PING_EVERY_MS, () => socket.write(frame('', PING)))
  },

  /** Asks for more than it reads. */
  async slow({ port }, over) {
    const ask = invoke(SLOW.asks)
    let socket
    const come = async () => {
      ;({ socket } = await connect(port))
      socket.pause()
      socket.on('data', () => socket.pause())
      for (let time = 0; time < 64; time++) socket.write(ask)
      socket.once('close', () => !over.ended && come().catch(() => {}))
    }
    await come()
    every(over, SLOW.everyMs, () => {
      socket.resume()
      if (socket.writableLength < MEBIBYTE) socket.write(ask)
    })
    await pass(500)
  },

  /** A page: it learns its name and is cut. `return` has it come back, again and again. */
  async page({ port }, over) {
    const { socket } = await connect(port)
    socket.write(frame(loadBinary().controlTexts().hello))
    let text = ''
    while (!WELCOME.test(text)) text += (await once(socket, 'data'))[0].toString('latin1')
    over.hello = JSON.parse(WELCOME.exec(text)[1])
    socket.resetAndDestroy()
  },

  /** The page of `hello` comes for what it missed, reads none of it, and is cut, again and again. */
  async return({ port, hello }, over) {
    const { session, client, seq } = hello
    const path = `/?vite-native-ws=${session}.${client}.${seq}.${seq}.0`
    const come = async () => {
      while (!over.ended) {
        const { socket, first } = await connect(port, path)
        if (!first.includes(session)) throw new Error(`the page cannot return: ${first}`)
        socket.pause()
        over.times = (over.times ?? 0) + 1
        await pass(STAY_MS)
        socket.resetAndDestroy()
      }
    }
    come().catch((error) => {
      over.error = error.message
    })
    await pass(STAY_MS / 2)
  },

  /** Sends one message after another that nobody listens for, each as long as may be. */
  async huge({ port }, over) {
    const { socket } = await connect(port)
    socket.resume()
    const message = frame(custom('bench:huge', HUGE_BYTES))
    const go = () => {
      if (over.ended) return
      over.times = (over.times ?? 0) + 1
      socket.write(message, go)
    }
    go()
    await pass(100)
  },

  /** So many clients that send events as fast as the kernel takes them. */
  async flood({ port, clients }, over) {
    const events = Buffer.concat(Array(FLOOD_BURST).fill(frame(custom('bench:heard', 150))))
    const sockets = []
    // All before the flood, in which a server may let nobody in.
    while (sockets.length < clients) sockets.push((await connect(port)).socket)
    for (const socket of sockets) {
      socket.resume()
      const go = () => void (over.ended || socket.write(events, () => setImmediate(go)))
      go()
    }
    await pass(100)
  },

  /** One client sends 6 MiB of events at once. */
  async events({ port }) {
    const { socket } = await connect(port)
    socket.resume()
    const event = frame(custom('bench:heard', EVENT_BYTES))
    socket.write(Buffer.concat(Array(EVENTS_BYTES / EVENT_BYTES).fill(event)))
  },
}

let under = { ended: true, sockets: [], timers: [] }
const orders = {
  async begin({ kind, ...order }) {
    under = { ended: false, sockets: [], timers: [] }
    await KINDS[kind](order, under)
    const { hello } = under
    return { hello }
  },
  end() {
    under.ended = true
    for (const timer of under.timers) clearInterval(timer)
    for (const socket of under.sockets) socket.resetAndDestroy()
    const { times, error } = under
    return { times, error }
  },
}

/** A handshake, and the text of the first message. */
async function connect(port, path = '/') {
  const trouble = under
  const socket = net.connect(port, '127.0.0.1')
  trouble.sockets.push(socket)
  socket.on('error', () => {})
  socket.setNoDelay()
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Protocol: vite-hmr',
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  let text = ''
  while (!/\r\n\r\n.{2,}\}/s.test(text)) {
    const [chunk] = await once(socket, 'data', { signal: AbortSignal.timeout(20_000) })
    text += chunk.toString('latin1')
  }
  if (!text.startsWith('HTTP/1.1 101')) throw new Error(text.split('\r\n')[0])
  return { socket, first: text.slice(text.indexOf('\r\n\r\n') + 4) }
}

/** A client's frame, with a mask that changes nothing. */
function frame(text, opcode = TEXT) {
  const payload = Buffer.from(text)
  const { length } = payload
  const header = Buffer.alloc(length < 126 ? 6 : length < 65_536 ? 8 : 14)
  header[0] = 0x80 | opcode
  header[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127)
  if (header.length === 8) header.writeUInt16BE(length, 2)
  else if (header.length === 14) header.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([header, payload])
}

/** The event's name comes last, so that all is read before it is known whether anybody listens. */
function custom(event, bytes) {
  const empty = JSON.stringify({ type: 'custom', data: '', event })
  return JSON.stringify({ type: 'custom', data: 'x'.repeat(bytes - empty.length), event })
}

/** `vite:invoke` of a function that does not exist; the answer repeats the id. */
function invoke(bytes) {
  const data = { name: 'nothing', id: `send${'x'.repeat(bytes)}`, data: [] }
  return frame(JSON.stringify({ type: 'custom', event: 'vite:invoke', data }))
}

function every(over, milliseconds, act) {
  over.timers.push(setInterval(act, milliseconds))
}

function pass(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const order = JSON.parse(line)
    const answer = await Promise.resolve()
      .then(() => orders[order.do](order))
      .catch(({ stack }) => ({ error: stack }))
    process.stdout.write(`${JSON.stringify(answer ?? {})}\n`)
  })
  .on('close', () => process.exit())
process.stdout.write('{}\n')
