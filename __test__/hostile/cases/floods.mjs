import { encode, OPCODE } from '../../support/frame.mjs'
import { request } from '../request.mjs'

const OPEN = { open: true }
const { continuation, text, binary, ping, pong } = OPCODE
const JUNK = encode({ opcode: text, payload: '{"type":"ping"}' })
const ECHO = encode({
  opcode: text,
  payload: '{"type":"custom","event":"hostile:echo","data":1}',
})
const many = (bytes, count) => Buffer.concat(Array(count).fill(bytes))
const MAX_FRAGMENTS = 16384

const flood = (name, source, times, ...before) => ({
  id: `flood/${name}`,
  steps: [OPEN, ...before, { flood: source, times }],
})

const start = (opcode) => encode({ opcode, fin: false, payload: 'x' })
const more = encode({ opcode: continuation, fin: false, payload: 'x' })
const nothing = encode({ opcode: continuation, fin: false })
const last = encode({ opcode: continuation, payload: 'x' })

const fragments = (name, middle, count, ...behind) => ({
  id: `flood/fragments-${name}`,
  steps: [OPEN, Buffer.concat([start(text), many(middle, count), ...behind])],
})

export default [
  flood('pings', many(encode({ opcode: ping, payload: 'p' }), 100), 20),
  flood(
    'pings-125',
    many(encode({ opcode: ping, payload: { repeat: 'p', length: 125 } }), 100),
    20,
  ),
  flood('pings-empty', many(encode({ opcode: ping }), 500), 20),
  flood('pongs', many(encode({ opcode: pong, payload: 'p' }), 500), 20),
  flood('junk', many(JUNK, 500), 20),
  flood('echo', many(ECHO, 100), 20),
  flood('empty-text', many(encode({ opcode: text }), 1000), 20),
  flood('empty-binary', many(encode({ opcode: binary }), 1000), 20),
  flood('one-byte-binary', many(encode({ opcode: binary, payload: 'x' }), 1000), 20),
  flood(
    'binary-1-mib',
    encode({ opcode: binary, payload: { repeat: 'x', length: 1024 * 1024 } }),
    16,
  ),
  fragments('10', more, 8, last),
  fragments('limit-minus-1', more, MAX_FRAGMENTS - 3, last),
  fragments('limit', more, MAX_FRAGMENTS - 2, last),
  fragments('limit-plus-1', more, MAX_FRAGMENTS - 1, last),
  fragments('limit-open', more, MAX_FRAGMENTS - 1),
  fragments('beyond-limit-open', more, MAX_FRAGMENTS),
  fragments('empty-limit', nothing, MAX_FRAGMENTS - 2, last),
  fragments('empty-limit-plus-1', nothing, MAX_FRAGMENTS - 1, last),
  fragments('empty-beyond', nothing, 2 * MAX_FRAGMENTS),
  {
    id: 'flood/fragments-with-pings',
    steps: [
      OPEN,
      Buffer.concat([
        start(text),
        many(Buffer.concat([encode({ opcode: ping }), more]), 5000),
        last,
      ]),
    ],
  },
  {
    id: 'flood/deaf-pings',
    steps: [
      OPEN,
      { deaf: true },
      {
        flood: many(encode({ opcode: ping, payload: { repeat: 'p', length: 125 } }), 200),
        times: 10,
      },
      { wait: 50 },
      { deaf: false },
    ],
  },
  {
    id: 'flood/deaf-echo',
    steps: [
      OPEN,
      { deaf: true },
      { flood: many(ECHO, 200), times: 10 },
      { wait: 50 },
      { deaf: false },
    ],
  },
  { id: 'flood/connections', crowd: 150, steps: [OPEN] },
  { id: 'flood/connections-and-messages', crowd: 50, steps: [OPEN, many(ECHO, 20)] },
  // How many of a crowd are answered within the quiet time depends on the machine's load, so of
  // these only survival is compared.
  {
    id: 'flood/handshakes-refused',
    blind: true,
    crowd: 100,
    steps: [request({ url: '/?token={wrong}' })],
  },
  {
    id: 'flood/handshakes-bad-key',
    blind: true,
    crowd: 100,
    steps: [request({ headers: { 'Sec-WebSocket-Key': 'x' } })],
  },
  {
    id: 'flood/vite-pings',
    blind: true,
    crowd: 100,
    steps: [request({ headers: { 'Sec-WebSocket-Protocol': 'vite-ping' } })],
  },
  {
    id: 'flood/errors',
    crowd: 50,
    steps: [OPEN, encode({ opcode: 3 })],
  },
]
