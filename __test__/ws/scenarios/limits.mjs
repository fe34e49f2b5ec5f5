import { closePayload, encode, fragments, OPCODE } from '../../support/frame.mjs'
import { snapshot } from '../snapshot.mjs'

const { binary, close, continuation, ping, text } = OPCODE
const INVALID_UTF8 = Buffer.from([0xce, 0xba, 0xed, 0xa0, 0x80])

/** What a server does about bytes: its events, and the frames it answers with. */
async function provoke(t, bytes, options) {
  const server = await t.listen(options)
  const connection = t.event(server, 'connection')
  const raw = await t.raw(server)
  const [socket] = await connection
  const log = []
  socket.on('message', (data) => log.push(['message', snapshot(data)]))
  socket.on('error', (error) => log.push(['error', snapshot(error), socket.readyState]))
  socket.on('close', (code, reason) => log.push(['close', code, snapshot(reason)]))
  for (const chunk of [bytes].flat()) {
    raw.write(chunk)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await t.until(() => raw.frames.length > 0, 'an answer')
  await t.until(() => raw.frames.at(-1).startsWith('close') || log.length > 0, 'the outcome')
  if (raw.frames.at(-1).startsWith('close')) {
    raw.socket.end()
    await t.until(() => log.at(-1)?.[0] === 'close', 'the close')
  }
  return { log, frames: raw.frames }
}

const breach = (code, name, bytes, options) => ({
  name,
  members: [code, "websocket event 'error'"],
  async run(t) {
    const observation = await provoke(t, bytes, options)
    const [, error] = observation.log.find(([event]) => event === 'error') ?? []
    return { ...observation, hasCode: error?.includes(` ${code}:`) ?? false }
  },
})

const masked = (bytes) => Buffer.concat([Buffer.from(bytes), Buffer.alloc(4)])

export default [
  {
    name: 'a limit that is no positive whole number is none',
    members: ['option maxPayload', 'option maxFragments', 'option maxPendingAutoPongs'],
    async run(t) {
      const heard = []
      for (const limit of [Number.POSITIVE_INFINITY, -1, 2 ** 32, 0.5, '1000', Number.NaN]) {
        const limits = { maxPayload: limit, maxFragments: limit, maxPendingAutoPongs: limit }
        const { socket, client } = await t.pair(limits)
        const message = t.event(socket, 'message')
        client.ping()
        client.send('heard')
        heard.push(snapshot((await message)[0]))
      }
      return { heard }
    },
  },
  breach(
    'WS_ERR_EXPECTED_FIN',
    'a control frame in parts is refused',
    encode({ fin: false, opcode: ping }),
  ),
  breach(
    'WS_ERR_EXPECTED_MASK',
    'an unmasked frame is refused',
    encode({ masked: false, opcode: text, payload: 'x' }),
  ),
  breach(
    'WS_ERR_INVALID_CLOSE_CODE',
    'a close code that must not be sent is refused',
    encode({ opcode: close, payload: closePayload(1006) }),
  ),
  breach(
    'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    'a long control frame is refused',
    encode({ opcode: ping, payload: 'x'.repeat(126) }),
  ),
  breach(
    'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    'half a close code is refused',
    encode({ opcode: close, payload: 'x' }),
  ),
  breach('WS_ERR_INVALID_OPCODE', 'an unknown opcode is refused', encode({ opcode: 3 })),
  breach(
    'WS_ERR_INVALID_OPCODE',
    'a continuation of nothing is refused',
    encode({ opcode: continuation }),
  ),
  breach('WS_ERR_INVALID_OPCODE', 'a new message within one is refused', [
    encode({ fin: false, opcode: text, payload: 'x' }),
    encode({ opcode: text, payload: 'y' }),
  ]),
  breach(
    'WS_ERR_INVALID_UTF8',
    'text that is not UTF-8 is refused',
    encode({ opcode: text, payload: INVALID_UTF8 }),
  ),
  breach(
    'WS_ERR_INVALID_UTF8',
    'a reason that is not UTF-8 is refused',
    encode({ opcode: close, payload: closePayload(1000, INVALID_UTF8) }),
  ),
  breach(
    'WS_ERR_UNEXPECTED_RSV_1',
    'a compressed frame is refused',
    encode({ rsv: 4, opcode: text, payload: 'x' }),
  ),
  breach(
    'WS_ERR_UNEXPECTED_RSV_2_3',
    'reserved bits are refused',
    encode({ rsv: 1, opcode: text, payload: 'x' }),
  ),
  breach(
    'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
    'a length of 2^53 is refused',
    masked([0x82, 0xff, 0, 0x20, 0, 0, 0, 0, 0, 0]),
  ),
  {
    ...breach(
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      'a message above maxPayload is refused by its header',
      masked([0x82, 0xfe, 0x03, 0xe9]),
      { maxPayload: 1000 },
    ),
    members: ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'option maxPayload'],
  },
  {
    ...breach(
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      'the parts of a message are added up for maxPayload',
      fragments({ opcode: binary, payload: 'x'.repeat(12), size: 4 }),
      { maxPayload: 11 },
    ),
    members: ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'option maxPayload'],
  },
  {
    ...breach(
      'WS_ERR_TOO_MANY_BUFFERED_PARTS',
      'a message of more parts than maxFragments is refused',
      fragments({ opcode: binary, payload: 'abcd', size: 1 }),
      { maxFragments: 3 },
    ),
    members: ['WS_ERR_TOO_MANY_BUFFERED_PARTS', 'option maxFragments'],
  },
  {
    name: 'maxPayload and maxFragments of zero are no limit',
    members: ['option maxPayload', 'option maxFragments'],
    run: (t) =>
      provoke(
        t,
        [
          ...fragments({ opcode: text, payload: 'x'.repeat(50), size: 1 }),
          encode({ opcode: ping }),
        ],
        { maxPayload: 0, maxFragments: 0 },
      ),
  },
  {
    name: 'a message of just maxPayload bytes in just maxFragments parts is taken',
    members: ['option maxPayload', 'option maxFragments'],
    run: (t) =>
      provoke(
        t,
        [...fragments({ opcode: text, payload: 'abcdef', size: 2 }), encode({ opcode: ping })],
        { maxPayload: 6, maxFragments: 3 },
      ),
  },
  {
    name: 'skipUTF8Validation takes text as it is',
    members: ['option skipUTF8Validation'],
    run: (t) =>
      provoke(
        t,
        [
          encode({ opcode: text, payload: INVALID_UTF8 }),
          encode({ opcode: close, payload: closePayload(1000, INVALID_UTF8) }),
        ],
        { skipUTF8Validation: true },
      ),
  },
  {
    name: 'bytes that drip in are one message, whatever maxBufferedChunks says',
    members: ['option maxBufferedChunks', 'WS_ERR_TOO_MANY_BUFFERED_PARTS'],
    async run(t) {
      const server = await t.listen({ maxBufferedChunks: 3 })
      const connection = t.event(server, 'connection')
      const raw = await t.raw(server)
      const [socket] = await connection
      const log = []
      const ended = new Promise((resolve) => {
        socket.on('message', (data) => resolve(log.push(['message', snapshot(data)])))
        socket.on('error', (error) => resolve(log.push(['error', snapshot(error)])))
      })
      raw.socket.setNoDelay()
      for (const byte of encode({ opcode: text, payload: 'dripping' })) {
        raw.write(Buffer.from([byte]))
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      await t.within(ended, 'the outcome')
      return { log }
    },
    differs: {
      name: 'no-chunk-limit',
      expected: { log: [['message', 'Buffer "dripping"']] },
    },
  },
  {
    name: 'a flood of pings whose pongs nobody reads is held back, not punished',
    members: ['option maxPendingAutoPongs'],
    async run(t) {
      const server = await t.listen({ maxPendingAutoPongs: 1 })
      const connection = t.event(server, 'connection')
      const raw = await t.raw(server)
      const [socket] = await connection
      let isClosed = false
      socket.on('close', () => {
        isClosed = true
      })
      raw.socket.pause()
      // Fill the way to the client, so that pongs have to wait.
      for (let count = 0; count < 32; count++) socket.send(Buffer.alloc(1024 * 1024))
      for (let count = 0; count < 20; count++)
        raw.write(encode({ opcode: ping, payload: `${count}` }))
      await new Promise((resolve) => setTimeout(resolve, 150))
      raw.socket.resume()
      const isPong = (frame) => frame.startsWith('pong')
      await t.until(() => isClosed || raw.frames.filter(isPong).length === 20, 'the pongs')
      return { isClosed }
    },
    differs: { name: 'held-back-pings', expected: { isClosed: false } },
  },
]
