import { encode, OPCODE } from '../../support/frame.mjs'

const { continuation, text, binary, ping } = OPCODE
const OPEN = { open: true }
const MIB = 1024 * 1024
const DATA = '{"type":"custom","event":"hostile:echo","data":1}'

/** Declared lengths; the payload that follows is always 20 bytes or less. */
const DECLARED = {
  '126-in-16': [126, 16],
  '65535-in-16': [65535, 16],
  '65536-in-64': [65536, 64],
  'limit-minus-1': [100 * MIB - 1, 64],
  limit: [100 * MIB, 64],
  'limit-plus-1': [100 * MIB + 1, 64],
  '2-31-minus-1': [2n ** 31n - 1n, 64],
  '2-31': [2n ** 31n, 64],
  '2-32-minus-1': [2n ** 32n - 1n, 64],
  '2-32': [2n ** 32n, 64],
  '2-32-plus-10': [2n ** 32n + 10n, 64],
  '2-40': [2n ** 40n, 64],
  '2-48': [2n ** 48n, 64],
  '2-53-minus-1': [2n ** 53n - 1n, 64],
  '2-53': [2n ** 53n, 64],
  '2-53-plus-1': [2n ** 53n + 1n, 64],
  '2-62': [2n ** 62n, 64],
  '2-63-minus-1': [2n ** 63n - 1n, 64],
  '2-63': [2n ** 63n, 64],
  '2-63-plus-10': [2n ** 63n + 10n, 64],
  '2-64-minus-1': [2n ** 64n - 1n, 64],
}

const lying = Object.entries(DECLARED).flatMap(([name, [length, form]]) =>
  [text, binary].map((opcode) => ({
    id: `length/${opcode === text ? 'text' : 'binary'}-${name}`,
    steps: [OPEN, encode({ opcode, payload: 'twenty bytes of it..', length, form })],
    midFrame: true,
  })),
)

const withoutMask = Object.entries(DECLARED)
  .filter(([name]) => name.startsWith('2-'))
  .map(([name, [length, form]]) => ({
    id: `length/header-only-${name}`,
    steps: [OPEN, encode({ opcode: text, length, form }).subarray(0, 10)],
    midFrame: true,
  }))

const whole = (name, ...list) => ({
  id: `length/${name}`,
  steps: [OPEN, Buffer.concat(list.map((frame) => encode(frame)))],
})

const loose = [
  whole('7-as-16', { opcode: text, payload: DATA, form: 16 }),
  whole('7-as-64', { opcode: text, payload: DATA, form: 64 }),
  whole('0-as-64', { opcode: text, form: 64 }),
  whole('16-as-64', { opcode: text, payload: DATA.padEnd(300), form: 64 }),
  whole('too-short-by-1', { opcode: text, payload: DATA, length: DATA.length - 1 }),
  whole('too-short-by-half', { opcode: text, payload: DATA, length: DATA.length >> 1 }),
  whole('zero-with-payload', { opcode: text, payload: DATA, length: 0 }),
]

/** Fragments whose sum passes the limit, though none of them does. */
const sums = [
  {
    id: 'length/sum-declared',
    steps: [
      OPEN,
      encode({ opcode: binary, fin: false, payload: { repeat: 'x', length: MIB } }),
      encode({ opcode: continuation, length: 100 * MIB, form: 64 }),
    ],
    midFrame: true,
  },
  {
    id: 'length/sum-wraps',
    steps: [
      OPEN,
      encode({ opcode: binary, fin: false, payload: 'x'.repeat(16) }),
      encode({ opcode: continuation, length: 2n ** 64n - 8n, form: 64 }),
    ],
    midFrame: true,
  },
  {
    id: 'length/sum-wraps-32',
    steps: [
      OPEN,
      encode({ opcode: binary, fin: false, payload: 'x'.repeat(16) }),
      encode({ opcode: continuation, length: 2n ** 32n - 8n, form: 64 }),
    ],
    midFrame: true,
  },
  {
    id: 'length/ping-after-large-header',
    steps: [
      OPEN,
      encode({ opcode: text, length: 2n ** 53n, form: 64 }),
      encode({ opcode: ping, payload: 'still there' }),
    ],
    midFrame: true,
  },
]

/** A promise of much, kept by nobody, made by many. */
const promises = {
  id: 'length/promises-crowd',
  crowd: 50,
  steps: [OPEN, encode({ opcode: binary, length: 99 * MIB, form: 64 })],
  midFrame: true,
}

export default [...lying, ...withoutMask, ...loose, ...sums, promises]
