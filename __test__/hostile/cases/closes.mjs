import { closePayload, encode, OPCODE } from '../../support/frame.mjs'

const { text, close, ping } = OPCODE
const OPEN = { open: true }
const ECHO = {
  opcode: text,
  payload: '{"type":"custom","event":"hostile:echo","data":1}',
}

const CODES = [
  0, 1, 100, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012,
  1013, 1014, 1015, 1016, 1100, 1999, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 9999, 32768, 65535,
]

const closing = (name, payload, ...behind) => ({
  id: `close/${name}`,
  steps: [
    OPEN,
    Buffer.concat([{ opcode: close, payload }, ...behind].map((frame) => encode(frame))),
  ],
})

const REASONS = {
  'invalid-start': 'ff',
  'invalid-surrogate': 'eda080',
  'invalid-overlong': 'c080',
  'invalid-cut': 'e282',
  'invalid-above': 'f4908080',
  valid: 'e282ac',
  nul: '00',
  newline: '0d0a',
  bom: 'efbbbf41',
}

const again = encode({ opcode: close, payload: closePayload(1000) })

export default [
  closing('empty', ''),
  closing('one-byte', 'a'),
  ...CODES.map((code) => closing(`code-${code}`, closePayload(code))),
  ...Object.entries(REASONS).map(([name, hex]) =>
    closing(`reason-${name}`, closePayload(1000, Buffer.from(hex, 'hex'))),
  ),
  closing('reason-123', closePayload(4000, { repeat: 'r', length: 123 })),
  closing('code-and-reason-invalid', closePayload(999, Buffer.from('ff', 'hex'))),
  closing('then-text', closePayload(1000), ECHO),
  closing('then-ping', closePayload(1000), { opcode: ping, payload: 'late' }),
  closing('then-close', closePayload(1000), { opcode: close, payload: closePayload(1001) }),
  closing('then-invalid', closePayload(1000), { opcode: 3 }),
  closing('then-unmasked', closePayload(1000), { ...ECHO, masked: false }),
  closing('after-text', closePayload(1000)),
  { id: 'close/text-then-close', steps: [OPEN, encode(ECHO), again] },
  { id: 'close/then-garbage', steps: [OPEN, again, Buffer.alloc(4096, 255)] },
  { id: 'close/then-flood', steps: [OPEN, again, { flood: encode(ECHO), times: 5000 }] },
  { id: 'close/then-fin', crowd: 20, steps: [OPEN, again, { fin: true }] },
  { id: 'close/then-rst', steps: [OPEN, again, { rst: true }] },
  { id: 'close/many', steps: [OPEN, Buffer.concat(Array(500).fill(again))] },
  { id: 'close/in-bytes', steps: [OPEN, { drip: again, gap: 2 }] },
  { id: 'close/fin-only', crowd: 20, steps: [OPEN, { fin: true }] },
  { id: 'close/cut-then-fin', steps: [OPEN, again.subarray(0, 7), { fin: true }] },
  {
    id: 'close/promised-then-fin',
    steps: [OPEN, encode({ opcode: close, length: 125 }), { fin: true }],
  },
]
