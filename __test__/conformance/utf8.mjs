import { encode, OPCODE } from '../support/frame.mjs'
import { echoed, failed, once } from './scenario.mjs'
import sequences from './utf8-sequences.mjs'

const { continuation, text } = OPCODE
const INVALID = { ending: { by: 'server', codes: [1007], clean: false } }

const valid = Buffer.from('Hello-µ@ßöäüàá-UTF-8!!')
const KOSME = Buffer.from('cebae1bdb9cf83cebcceb5', 'hex')

const frame = (payload, fin, start) => ({ opcode: start ? text : continuation, fin, payload })

/** The parts as fragments of one message, each in its own write. */
const inFragments = (parts) => ({
  frames: parts.map((part, i) => frame(part, i === parts.length - 1, i === 0)),
  chop: 'frames',
})

const singleBytes = (bytes) => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))

const empty = [
  echoed('6.1.1', 'empty text', [once({ opcode: text })], [{ opcode: text }]),
  echoed('6.1.2', 'three empty fragments', [inFragments(['', '', ''])], [{ opcode: text }]),
  echoed(
    '6.1.3',
    'empty, filled, empty fragment',
    [inFragments(['', 'middle frame payload', ''])],
    [{ opcode: text, payload: 'middle frame payload' }],
  ),
]

const whole = [
  ['6.2.1', 'valid, one frame', [once({ opcode: text, payload: valid })], valid],
  [
    '6.2.2',
    'valid, cut between characters',
    [inFragments([valid.subarray(0, 12), valid.subarray(12)])],
    valid,
  ],
  ['6.2.3', 'valid, one byte a fragment', [inFragments(singleBytes(valid))], valid],
  ['6.2.4', 'valid Greek, one byte a fragment', [inFragments(singleBytes(KOSME))], KOSME],
].map(([id, name, steps, payload]) => echoed(id, name, steps, [{ opcode: text, payload }]))

const surrogate = Buffer.concat([KOSME, Buffer.from('eda080656469746564', 'hex')])

const broken = [
  failed('6.3.1', 'invalid, one frame', [once({ opcode: text, payload: surrogate })], [], INVALID),
  failed(
    '6.3.2',
    'invalid, one byte a fragment',
    [inFragments(singleBytes(surrogate))],
    [],
    INVALID,
  ),
]

const HEADER = 6
const chops = (bytes, from, to) => [
  bytes.subarray(0, from),
  bytes.subarray(from, to),
  bytes.subarray(to),
]

/** Where the third argument cuts is where a strict endpoint fails; a lax one waits for the end. */
const failFast = (id, name, cuts, asFrames) => {
  const all = Buffer.concat([KOSME, Buffer.from('f4908080656469746564', 'hex')])
  const parts = chops(all, ...cuts)
  const pieces = asFrames
    ? parts.map((part, i) => encode(frame(part, i === 2, i === 0)))
    : chops(encode({ opcode: text, payload: all }), HEADER + cuts[0], HEADER + cuts[1])
  return {
    id,
    name,
    steps: [
      { bytes: pieces[0] },
      { pause: 'A' },
      { bytes: pieces[1] },
      { pause: 'B' },
      { bytes: pieces[2] },
    ],
    expect: { OK: [{ timeout: 'A' }], 'NON-STRICT': [{ timeout: 'A' }, { timeout: 'B' }] },
    ...INVALID,
  }
}

const fast = [
  failFast('6.4.1', 'invalid in the second fragment', [11, 15], true),
  failFast('6.4.2', 'invalid at the last byte of the second fragment', [12, 13], true),
  failFast('6.4.3', 'invalid in the second chop of a frame', [11, 15], false),
  failFast('6.4.4', 'invalid at the last byte of the second chop', [12, 13], false),
]

const decoder = sequences.flatMap(([name, group], i) =>
  group.map((sequence, j) => {
    const id = `6.${i + 5}.${j + 1}`
    const payload = Buffer.from(sequence.slice(1), 'hex')
    const steps = [once({ opcode: text, payload })]
    return sequence[0] === '+'
      ? echoed(id, name, steps, [{ opcode: text, payload }])
      : failed(id, name, steps, [], INVALID)
  }),
)

export default [...empty, ...whole, ...broken, ...fast, ...decoder]
