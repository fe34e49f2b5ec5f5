// A process whose clients send as much as the server takes.
import { answer, settings } from '../../support/commands.mjs'
import { eventFrame, frame, OPCODE } from '../../support/frame.mjs'
import { dial, RawClient, REQUEST } from '../../support/raw-client.mjs'

const CHUNK_BYTES = 64 * 1024
const { port, clients, load, underWay = Number.POSITIVE_INFINITY } = settings()

const text = (payload) => frame(OPCODE.text, payload)

const LOADS = {
  junk: [
    text(''),
    text('junk'),
    text('{"type":"custom","event":"unregis'),
    text('[{"type":"custom"}]'),
    text('{"type":"custom","event":7}'),
    frame(OPCODE.binary, { repeat: '\xff', length: 300 }),
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
const ping = frame(OPCODE.ping)
const chunk = Buffer.concat([...Array.from({ length: rounds }, () => round), ping])
let isFlooding = false
let taken = 0

class Flooder extends RawClient {
  #underWay = 0
  #isWriting = false

  static async open() {
    const flooder = new Flooder(dial(port))
    flooder.write(REQUEST)
    await flooder.answered()
    return flooder
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

  receive({ opcode }) {
    if (opcode !== OPCODE.pong) return
    this.#underWay--
    taken++
    this.flood()
  }
}

const flooders = await Promise.all(Array.from({ length: clients }, Flooder.open))

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
