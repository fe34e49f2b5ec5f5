import { OPCODE } from '../support/frame.mjs'
import { echoed, once } from './scenario.mjs'

const { text, binary } = OPCODE
const KIB = 1024
const MIB = 1024 * KIB
const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB]
const FRAGMENTS = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB]
const CHOPS = [64, 128, 256, 512, KIB, 2 * KIB]
const ROUNDS = [0, 16, 64, 256, KIB, 4 * KIB]
const ROUND_COUNT = 1000

const kind = (opcode) => (opcode === text ? 'text' : 'binary')

const sizes = (section, opcode) =>
  SIZES.map((length, i) => {
    const payload = { repeat: opcode === text ? 'BAsd7&jh23' : '\x00\xfe#', length }
    const name = `${kind(opcode)} of ${length / KIB} KiB`
    return echoed(`${section}.${i + 1}`, name, [once({ opcode, payload })], [{ opcode, payload }], {
      slow: length > 4 * MIB,
    })
  })

const cut = (section, opcode) =>
  FRAGMENTS.map((size, i) => {
    const payload = { repeat: '*', length: 4 * MIB }
    const name = `${kind(opcode)} of 4 MiB in fragments of ${size}`
    const steps = [{ fragments: { opcode, payload, size } }]
    return echoed(`${section}.${i + 1}`, name, steps, [{ opcode, payload }], { slow: size <= 256 })
  })

const chopped = (section, opcode) =>
  CHOPS.map((chop, i) => {
    const payload = { repeat: '*', length: MIB }
    const name = `${kind(opcode)} of 1 MiB in chops of ${chop}`
    const steps = [{ frames: [{ opcode, payload }], chop }]
    return echoed(`${section}.${i + 1}`, name, steps, [{ opcode, payload }], { slow: chop < 256 })
  })

const rounds = (section, opcode) =>
  ROUNDS.map((length, i) => {
    const frame = { opcode, payload: { repeat: '*', length } }
    const name = `${ROUND_COUNT} round trips of ${length} bytes, ${kind(opcode)}`
    const steps = [{ rounds: { count: ROUND_COUNT, frame } }]
    return echoed(`${section}.${i + 1}`, name, steps, Array(ROUND_COUNT).fill(frame), {
      slow: length > 64,
    })
  })

const automatic = { repeat: '*', length: 65536 }

export default [
  ...sizes('9.1', text),
  ...sizes('9.2', binary),
  ...cut('9.3', text),
  ...cut('9.4', binary),
  ...chopped('9.5', text),
  ...chopped('9.6', binary),
  ...rounds('9.7', text),
  ...rounds('9.8', binary),
  echoed(
    '10.1.1',
    '65536 bytes in fragments of 1300',
    [{ fragments: { opcode: text, payload: automatic, size: 1300 } }],
    [{ opcode: text, payload: automatic }],
  ),
]
