import { OPCODE } from '../support/frame.mjs'
import { echoed, failed, octets, once } from './scenario.mjs'

const { text, binary, ping, pong, close } = OPCODE
const HELLO = 'Hello, world!'
const SIZES = [0, 125, 126, 127, 128, 65535, 65536]

const echoes = (section, opcode) => [
  ...SIZES.map((length, i) => {
    const payload = { repeat: opcode === text ? '*' : '\xfe', length }
    const name = `${opcode === text ? 'text' : 'binary'} message of ${length} bytes`
    return echoed(`${section}.${i + 1}`, name, [once({ opcode, payload })], [{ opcode, payload }])
  }),
  chopped(section, opcode),
]

function chopped(section, opcode) {
  const payload = { repeat: opcode === text ? '*' : '\xfe', length: 65536 }
  const steps = [{ frames: [{ opcode, payload }], chop: 997 }]
  return echoed(`${section}.8`, '65536 bytes in chops of 997', steps, [{ opcode, payload }])
}

const TEN = Array.from({ length: 10 }, (_, i) => `payload-${i}`)
const MAX_PING = { repeat: '\xfe', length: 125 }
const tenPings = TEN.map((payload) => ({ opcode: ping, payload }))
const tenPongs = TEN.map((payload) => ({ opcode: pong, payload }))
const BYTES = Buffer.from('00fffefdfcfb00ff', 'hex')

const pings = [
  echoed('2.1', 'ping without payload', [once({ opcode: ping })], [{ opcode: pong }]),
  ...[HELLO, BYTES, MAX_PING].map((payload, i) =>
    echoed(
      `2.${i + 2}`,
      'ping with payload',
      [once({ opcode: ping, payload })],
      [{ opcode: pong, payload }],
    ),
  ),
  failed('2.5', 'ping of 126 bytes', [
    once({ opcode: ping, payload: { repeat: 'x', length: 126 } }),
  ]),
  echoed(
    '2.6',
    'ping of 125 bytes, octet by octet',
    [octets({ opcode: ping, payload: MAX_PING })],
    [{ opcode: pong, payload: MAX_PING }],
  ),
  echoed('2.7', 'unsolicited pong without payload', [once({ opcode: pong })], []),
  echoed('2.8', 'unsolicited pong', [once({ opcode: pong, payload: 'unsolicited' })], []),
  echoed(
    '2.9',
    'unsolicited pong, then ping',
    [once({ opcode: pong, payload: 'unsolicited' }, { opcode: ping, payload: 'ping' })],
    [{ opcode: pong, payload: 'ping' }],
  ),
  echoed('2.10', 'ten pings', [once(...tenPings)], tenPongs),
  echoed('2.11', 'ten pings, octet by octet', [octets(...tenPings)], tenPongs),
]

const HI = { opcode: text, payload: HELLO }
const PING = { opcode: ping }

const reservedBits = [
  failed('3.1', 'text with RSV 1', [once({ ...HI, rsv: 1 })]),
  failed('3.2', 'text, text with RSV 2, ping', [once(HI, { ...HI, rsv: 2 }, PING)], [HI]),
  failed(
    '3.3',
    'the same with RSV 3, frame by frame',
    [{ frames: [HI, { ...HI, rsv: 3 }, PING], chop: 'frames' }],
    [HI],
  ),
  failed('3.4', 'the same with RSV 4, octet by octet', [octets(HI, { ...HI, rsv: 4 }, PING)], [HI]),
  failed('3.5', 'binary with RSV 5', [once({ opcode: binary, payload: BYTES, rsv: 5 })]),
  failed('3.6', 'ping with RSV 6', [once({ opcode: ping, payload: HELLO, rsv: 6 })]),
  failed('3.7', 'close with RSV 7', [once({ opcode: close, rsv: 7 })]),
]

/** Five reserved opcodes from `first` on, 4.1 from 3 and 4.2 from 11. */
const opcodes = (section, first) => [
  failed(`${section}.1`, `opcode ${first}`, [once({ opcode: first })]),
  failed(`${section}.2`, `opcode ${first + 1} with payload`, [
    once({ opcode: first + 1, payload: 'reserved opcode payload' }),
  ]),
  failed(
    `${section}.3`,
    `text, opcode ${first + 2}, ping`,
    [once(HI, { opcode: first + 2 }, PING)],
    [HI],
  ),
  failed(
    `${section}.4`,
    `text, opcode ${first + 3} with payload, ping`,
    [once(HI, { opcode: first + 3, payload: HELLO }, PING)],
    [HI],
  ),
  failed(
    `${section}.5`,
    `text, opcode ${first + 4}, ping, octet by octet`,
    [octets(HI, { opcode: first + 4, payload: HELLO }, PING)],
    [HI],
  ),
]

export default [
  ...echoes('1.1', text),
  ...echoes('1.2', binary),
  ...pings,
  ...reservedBits,
  ...opcodes('4.1', 3),
  ...opcodes('4.2', 11),
]
