// A burst that is cut short by an end: what has been sent before arrives as with ws, each message
// once and in order, and no half frame is followed by another. How many random moments of each end
// are tried is MOMENTS; `ws` plays the same ones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selfSigned } from '../support/certificate.mjs'
import { until, within } from '../support/deadline.mjs'
import { encode, FrameReader, OPCODE } from '../support/frame.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { Program } from '../support/program.mjs'
import { RawSocket } from '../support/raw-socket.mjs'

const PROGRAM = new URL('programs/bursting.mjs', import.meta.url)
const MOMENTS = Number(process.env.MOMENTS ?? 4)
const CLIENTS = 5
const COUNT = 200
const MIB = 1024 * 1024
const CARRIERS = ['adopted', 'bridged']

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http'
  // Over TLS no socket is adopted, whatever is asked for.
  for (const carrier of secure ? ['bridged'] : CARRIERS) {
    for (const ending of ['close', 'terminate', 'exit', 'signal']) {
      const name = `a burst before ${ending} arrives as with ws (${carrier}, ${scheme})`
      test(name, { timeout: 60_000 + MOMENTS * 20_000 }, async (t) => {
        for (const moment of moments(ending)) {
          const [theirs, ours] = [await play('ws', moment), await play(carrier, moment)]
          const said = JSON.stringify(moment)
          for (const { numbers } of ours) {
            assert.deepEqual(numbers, [...numbers.keys()], `in order, each once: ${said}`)
          }
          // Which of a burst gets into a TLS socket before its end, a turn later or not, is chance.
          if (secure && ending !== 'close') continue
          for (const [at, { numbers, code }] of ours.entries()) {
            assert.ok(numbers.length >= theirs[at].numbers.length, `as much: ${said}`)
            assert.equal(code, theirs[at].code, `the close frame: ${said}`)
          }
        }
        t.diagnostic(`${MOMENTS} moments`)
      })

      async function play(carrier, { ending, ...burst }) {
        const { program, clients } = await connect(carrier, secure)
        const playing = program.ask('burst', { ...burst, ending }).catch(() => {})
        const seen = await Promise.all(clients.map((client) => client.read()))
        await Promise.race([playing, program.exit])
        await program.end()
        return seen
      }
    }
  }
}

for (const carrier of CARRIERS) {
  test(`a listener may reply and close everything (${carrier})`, async () => {
    const { program, clients } = await connect(carrier, false)
    await program.ask('listen')
    clients[2].write(encode({ opcode: OPCODE.text, payload: 'now' }))
    const seen = await Promise.all(clients.map((client) => client.read()))
    assert.deepEqual(
      seen.map(({ numbers }) => numbers),
      [[], [], [0], [], []],
    )
    await program.end()
  })

  test(`what an exit listener sends arrives (${carrier})`, async () => {
    const { clients } = await connect(carrier, false, { length: 100, isLast: true })
    for (const { numbers } of await Promise.all(clients.map((client) => client.read()))) {
      assert.deepEqual(numbers, [0])
    }
  })

  test(`of 3 MB before process.exit() arrives about as much as with ws (${carrier})`, async (t) => {
    const amounts = {}
    for (const one of ['ws', carrier]) {
      const { clients } = await connect(one, false, { length: 3 * MIB, isLast: false })
      const seen = await Promise.all(clients.map((client) => client.read()))
      amounts[one] = Math.min(...seen.map(({ bytes }) => bytes))
    }
    t.diagnostic(JSON.stringify(amounts))
    // What the kernel takes of so much depends on how fast the clients read.
    assert.ok(amounts[carrier] > amounts.ws / 2)
  })
}

/** The same moments in every run of one seed. */
function moments(ending) {
  let seed = Number(process.env.SEED ?? ending.length)
  const random = (most) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return Math.floor((seed / 2 ** 31) * most)
  }
  return Array.from({ length: MOMENTS }, () => ({
    ending,
    count: COUNT,
    batch: 1 + random(random(2) ? 10 : COUNT),
    lengths: Array.from({ length: 5 }, () => random(random(5) ? 300 : 20_000)),
    at: random(COUNT),
  }))
}

/** A server with its clients; with `last`, it exits once they are there. */
async function connect(carrier, secure, last) {
  const settings = { carrier, tls: secure ? await selfSigned() : undefined }
  const program = await Program.start(undefined, PROGRAM, settings)
  const clients = Array.from({ length: CLIENTS }, () => new Reader(program.about.port, { secure }))
  await until(async () => (await program.ask('size')) === CLIENTS, 'all clients')
  if (carrier !== 'ws') {
    const expected = Array.from({ length: CLIENTS }, () => carrier)
    assert.deepEqual(await program.ask('carriers'), expected)
  }
  if (last) program.ask('exit', last).catch(() => {})
  return { program, clients }
}

/** A client that keeps the numbers of the messages that it gets. */
class Reader extends RawSocket {
  constructor(port, options) {
    super(port, options)
    this.write(upgradeRequest())
  }

  /** Until the end of the connection. */
  async read() {
    await within(this.#ended(), 'the end of the connection')
    const behind = this.bytes.subarray(this.bytes.indexOf('\r\n\r\n') + 4)
    const frames = new FrameReader().push(behind)
    const texts = frames.filter(({ opcode }) => opcode === OPCODE.text)
    for (const { payload } of texts) assert.match(String(payload), /^\d+ \w*$/)
    const close = frames.find(({ opcode }) => opcode === OPCODE.close)
    return {
      numbers: texts.map(({ payload }) => Number.parseInt(payload, 10)),
      code: close?.payload.readUInt16BE(0),
      bytes: behind.length,
    }
  }

  async #ended() {
    // A server that has sent its close frame waits for the answer.
    await until(() => this.ended || this.#hasCloseFrame(), 'the end of the stream')
    this.socket.end()
    await until(() => this.ended, 'the end of the connection')
  }

  #hasCloseFrame() {
    return this.bytes.subarray(-4, -2).equals(Buffer.from([0x88, 2]))
  }
}
