import { OPCODE } from '../support/frame.mjs'
import { CLEAN, echoed, failed, once } from './scenario.mjs'

const { continuation, text, ping, pong } = OPCODE
const PARTS = ['fragment1', 'fragment2', 'fragment3', 'fragment4', 'fragment5']

const first = (payload) => ({ opcode: text, fin: false, payload })
const middle = (payload) => ({ opcode: continuation, fin: false, payload })
const last = (payload) => ({ opcode: continuation, fin: true, payload })

const TWO = [first(PARTS[0]), last(PARTS[1])]
const JOINED = { opcode: text, payload: PARTS[0] + PARTS[1] }
const AROUND_PING = [first(PARTS[0]), { opcode: ping, payload: 'ping payload' }, last(PARTS[1])]
const PONG = { opcode: pong, payload: 'ping payload' }

const CHOPS = [
  ['once', 'in one write'],
  ['frames', 'frame by frame'],
  ['octets', 'octet by octet'],
]

const threeWays = (number, make) =>
  CHOPS.map(([chop, how], i) => make(`5.${number + i}`, how, (frames) => ({ frames, chop })))

const WHOLE = { opcode: text, payload: 'Hello, world!' }

const interleaved = (id, chop) => ({
  id,
  name: `pings between fragments, with a wait, ${chop === 'once' ? 'as frames' : 'octet by octet'}`,
  steps: [
    { frames: [first(PARTS[0]), middle(PARTS[1]), { opcode: ping, payload: 'pongme 1!' }], chop },
    { pause: '' },
    {
      frames: [
        middle(PARTS[2]),
        middle(PARTS[3]),
        { opcode: ping, payload: 'pongme 2!' },
        last(PARTS[4]),
      ],
      chop,
    },
  ],
  expect: {
    OK: [
      { opcode: pong, payload: 'pongme 1!' },
      { opcode: pong, payload: 'pongme 2!' },
      { opcode: text, payload: PARTS.join('') },
    ],
  },
  ending: CLEAN,
})

export default [
  failed('5.1', 'ping in two fragments', [
    once({ opcode: ping, fin: false, payload: PARTS[0] }, last(PARTS[1])),
  ]),
  failed('5.2', 'pong in two fragments', [
    once({ opcode: pong, fin: false, payload: PARTS[0] }, last(PARTS[1])),
  ]),
  ...threeWays(3, (id, how, step) => echoed(id, `text in two, ${how}`, [step(TWO)], [JOINED])),
  ...threeWays(6, (id, how, step) =>
    echoed(id, `text in two, a ping between, ${how}`, [step(AROUND_PING)], [PONG, JOINED]),
  ),
  ...threeWays(9, (id, how, step) =>
    failed(id, `last fragment of nothing, then text, ${how}`, [step([last(PARTS[0]), WHOLE])]),
  ),
  ...threeWays(12, (id, how, step) =>
    failed(id, `middle fragment of nothing, then text, ${how}`, [step([middle(PARTS[0]), WHOLE])]),
  ),
  failed(
    '5.15',
    'text in two, then a middle fragment of nothing, then text',
    [once(...TWO, middle(PARTS[2]), { opcode: text, payload: PARTS[3] })],
    [JOINED],
  ),
  failed('5.16', 'twice: middle fragment of nothing, then text in two', [
    once(middle(PARTS[0]), first(PARTS[1]), last(PARTS[2])),
    once(middle(PARTS[0]), first(PARTS[1]), last(PARTS[2])),
  ]),
  failed('5.17', 'twice: last fragment of nothing, then text in two', [
    once(last(PARTS[0]), first(PARTS[1]), last(PARTS[2])),
    once(last(PARTS[0]), first(PARTS[1]), last(PARTS[2])),
  ]),
  failed('5.18', 'text in two fragments, both with the opcode of text', [
    once(first(PARTS[0]), { opcode: text, payload: PARTS[1] }),
  ]),
  interleaved('5.19', 'once'),
  interleaved('5.20', 'octets'),
]
