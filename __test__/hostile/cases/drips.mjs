import { closePayload, encode, OPCODE } from '../../support/frame.mjs'
import { request } from '../request.mjs'

const OPEN = { open: true }
const { continuation, text, ping, close } = OPCODE
const DATA = '{"type":"custom","event":"hostile:echo","data":"dripped"}'
const WHOLE = encode({ opcode: text, payload: DATA })

const drip = (name, source, more = {}, ...before) => ({
  id: `drip/${name}`,
  steps: [...before, { drip: source, gap: 1, ...more }],
})

const fragments = Buffer.concat(
  [...DATA].map((letter, i) =>
    encode({
      opcode: i ? continuation : text,
      fin: i === DATA.length - 1,
      payload: letter,
    }),
  ),
)
const several = Buffer.concat(Array(20).fill(WHOLE))
const kosme = encode({
  opcode: text,
  payload: '{"type":"custom","event":"hostile:echo","data":"κόσμε😀"}',
})

export default [
  drip('handshake', request()),
  drip('handshake-7', request(), { size: 7 }),
  drip('handshake-refused', request({ url: '/?token={wrong}' })),
  drip('handshake-bad-key', request({ headers: { 'Sec-WebSocket-Key': 'x' } })),
  drip('handshake-and-frame', request() + WHOLE.toString('latin1')),
  drip('message', WHOLE, {}, OPEN),
  drip('message-3', WHOLE, { size: 3 }, OPEN),
  drip('messages', several, { gap: 0 }, OPEN),
  drip('messages-97', several, { size: 97 }, OPEN),
  drip('fragments', fragments, { gap: 0 }, OPEN),
  drip('utf8', kosme, {}, OPEN),
  drip('ping', encode({ opcode: ping, payload: 'drip' }), {}, OPEN),
  drip('close', encode({ opcode: close, payload: closePayload(4000, 'drip') }), {}, OPEN),
  drip('invalid-opcode', Buffer.concat([WHOLE, encode({ opcode: 5 })]), {}, OPEN),
  drip('unmasked', encode({ opcode: text, payload: DATA, masked: false }), {}, OPEN),
  drip('length-2-53', encode({ opcode: text, length: 2n ** 53n, form: 64 }), {}, OPEN),
  { ...drip('crowd', WHOLE, {}, OPEN), crowd: 20 },
  {
    id: 'drip/stalled-handshake-crowd',
    crowd: 50,
    steps: [request().slice(0, 60), { wait: 100 }],
    midFrame: true,
    quiet: 20,
  },
  {
    id: 'drip/stalled-frame-crowd',
    crowd: 50,
    steps: [OPEN, WHOLE.subarray(0, 20), { wait: 100 }],
    midFrame: true,
    quiet: 20,
  },
]
