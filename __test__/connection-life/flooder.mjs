// A process whose clients send as much as the server takes.
import { once } from 'node:events'
import net from 'node:net'
import { encode, FrameReader, OPCODE } from '../conformance/frame.mjs'
import { answer, settings } from './commands.mjs'
import { eventFrame, REQUEST } from './raw-client.mjs'

const CHUNK_BYTES = 64 * 1024
const { port, clients, load, underWay = Number.POSITIVE_INFINITY } = settings()

const text = (payload) => encode({ opcode: OPCODE.text, payload })

const LOADS = {
  junk: [
    text(''),
    text('junk'),
    text('{"type":"custom","event":"unregis'),
    text('[{"type":"custom"}]'),
    text('{"type":"custom","event":7}'),
    encode({ opcode: OPCODE.binary, payload: { repeat: '\xff', length: 300 } }),
    eventFrame('unregistered', { filler: 'x'.repeat(200) }),
    eventFrame('vite:nothing', null),
  ],
  /** Lone surrogates: `JSON.parse` takes them, most other readers do not. */
  escapes: [
    text('{"type":"custom","event":"unregistered","data":"\\ud800"}'),
    text('\\u junk'),
    eventFrame('unregistered', { filler: 'x'.repeat(200) }),
  ],
  wanted: [eventFrame('wanted', 1)],
}

// A client knows by the pong that the server has taken the chunk before it.
const round = Buffer.concat(LOADS[load])
const rounds = Math.ceil(CHUNK_BYTES / round.length)
const ping = encode({ opcode: OPCODE.ping })
const chunk = Buffer.concat([...Array.from({ length: rounds }, () => round), ping])
let isFlooding = false
let taken = 0

class Flooder {
  #reader = new FrameReader()
  #underWay = 0
  #isWriting = false

  static async connect() {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on('error', () => {})
    socket.write(REQUEST)
    const flooder = new Flooder(socket)
    const [answer] = await once(socket, 'data')
    flooder.#read(answer.subarray(answer.indexOf('\r\n\r\n') + 4))
    socket.on('data', (data) => flooder.#read(data))
    return flooder
  }

  constructor(socket) {
    this.socket = socket
  }

  flood() {
    if (!isFlooding || this.#isWriting || this.#underWay >= underWay) return
    this.#isWriting = true
    this.#underWay++
    this.socket.write(chunk, () => {
      this.#isWriting = false
      this.flood()
    })
  }

  #read(data) {
    for (const { opcode } of this.#reader.push(data)) {
      if (opcode !== OPCODE.pong) continue
      this.#underWay--
      taken++
      this.flood()
    }
  }
}

const flooders = await Promise.all(Array.from({ length: clients }, Flooder.connect))

answer({
  about: () => ({ clients: flooders.length }),
  start() {
    isFlooding = true
    for (const flooder of flooders) flooder.flood()
  },
  /** How much the server took, and how many connections are left. */
  stop() {
    isFlooding = false
    const left = flooders.filter(({ socket }) => !socket.destroyed).length
    return { bytes: taken * chunk.length, messages: taken * rounds * LOADS[load].length, left }
  },
})
