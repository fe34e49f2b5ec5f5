import { closePayload, OPCODE } from '../support/frame.mjs'
import { CLEAN, once } from './scenario.mjs'

const { continuation, text, ping, close } = OPCODE
const HELLO = { opcode: text, payload: 'Hello World!' }
const NORMAL = { opcode: close, payload: closePayload(1000) }

const VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
const INVALID = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]

const closing = (id, name, frames, codes = [1000], clean = true, seen = []) => ({
  id,
  name,
  steps: [once(...frames)],
  expect: { OK: seen },
  ending: { by: 'client', codes, clean },
  ownClose: true,
})

const withPayload = (id, name, payload, codes, clean) =>
  closing(id, name, [{ opcode: close, payload }], codes, clean)

const invalidReason = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex')

export default [
  {
    id: '7.1.1',
    name: 'text, then close',
    steps: [once(HELLO)],
    expect: { OK: [HELLO] },
    ending: CLEAN,
  },
  closing('7.1.2', 'two close frames', [NORMAL, NORMAL]),
  closing('7.1.3', 'ping after close', [NORMAL, { opcode: ping }]),
  closing('7.1.4', 'text after close', [NORMAL, HELLO]),
  closing('7.1.5', 'close between two fragments', [
    { opcode: text, fin: false, payload: 'fragment1' },
    NORMAL,
    { opcode: continuation, payload: 'fragment2' },
  ]),
  {
    ...closing('7.1.6', '256 KiB, text, close, ping', [
      { opcode: text, payload: { repeat: 'BAsd7&jh23', length: 256 * 1024 } },
      HELLO,
      NORMAL,
      { opcode: ping },
    ]),
    informational: true,
  },
  withPayload('7.3.1', 'close without payload', '', [1000, 1005]),
  withPayload('7.3.2', 'close with a payload of 1 byte', 'a', [1002], false),
  withPayload('7.3.3', 'close with a payload of 2 bytes', closePayload(1000)),
  withPayload('7.3.4', 'close with a reason', closePayload(1000, 'Hello World!')),
  withPayload(
    '7.3.5',
    'close with a reason of 123 bytes',
    closePayload(1000, { repeat: '*', length: 123 }),
  ),
  withPayload(
    '7.3.6',
    'close with a reason of 124 bytes',
    closePayload(1000, { repeat: '*', length: 124 }),
    [1002],
    false,
  ),
  withPayload(
    '7.5.1',
    'close with a reason that is not UTF-8',
    closePayload(1000, invalidReason),
    [1002, 1007],
    false,
  ),
  ...VALID.map((code, i) =>
    withPayload(`7.7.${i + 1}`, `close with ${code}`, closePayload(code), [1000, code]),
  ),
  ...INVALID.map((code, i) =>
    withPayload(`7.9.${i + 1}`, `close with ${code}`, closePayload(code), [1002], false),
  ),
  ...[5000, 65535].map((code, i) => ({
    ...withPayload(`7.13.${i + 1}`, `close with ${code}`, closePayload(code), [1000, code, 1002]),
    informational: true,
  })),
]
