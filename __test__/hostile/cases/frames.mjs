import { encode, OPCODE } from '../../support/frame.mjs'

const { continuation, text, binary, close, ping, pong } = OPCODE
const OPEN = { open: true }
const ALL = [...Array(16).keys()]
const DATA = '{"type":"custom","event":"hostile:echo","data":1}'
const ECHO = { opcode: text, payload: DATA }

const frames = (name, list, more) => ({
  id: `frame/${name}`,
  steps: [OPEN, Buffer.concat(list.map((frame) => encode(frame)))],
  ...more,
})

const reserved = [1, 2, 3, 4, 5, 6, 7].flatMap((rsv) => [
  frames(`rsv-${rsv}-text`, [{ ...ECHO, rsv }]),
  frames(`rsv-${rsv}-ping`, [{ opcode: ping, rsv }]),
  frames(`rsv-${rsv}-close`, [{ opcode: close, rsv }]),
])

const opcodes = ALL.flatMap((opcode) => [
  frames(`opcode-${opcode}-unmasked`, [{ opcode, payload: DATA, masked: false }]),
  frames(`opcode-${opcode}-unfinished`, [{ opcode, payload: DATA, fin: false }]),
  ...(opcode > 2 && opcode !== 8 ? [frames(`opcode-${opcode}`, [{ opcode, payload: DATA }])] : []),
])

const masks = [
  frames('mask-zero', [{ ...ECHO, mask: [0, 0, 0, 0] }]),
  frames('mask-ones', [{ ...ECHO, mask: [255, 255, 255, 255] }]),
  frames('unmasked-empty', [{ opcode: text, masked: false }]),
  frames('unmasked-ping', [{ opcode: ping, masked: false }]),
  frames('unmasked-after-masked', [ECHO, { ...ECHO, masked: false }]),
  frames('masked-after-unmasked', [{ ...ECHO, masked: false }, ECHO]),
]

const part = (opcode, payload, fin = false) => ({ opcode, payload, fin })

const sequences = [
  frames('continuation-first', [part(continuation, 'x', true)]),
  frames('continuation-first-open', [part(continuation, 'x')]),
  frames('continuation-after-end', [ECHO, part(continuation, 'x', true)]),
  frames('text-inside-text', [part(text, DATA), ECHO]),
  frames('binary-inside-text', [part(text, DATA), { opcode: binary, payload: 'x' }]),
  frames('text-inside-binary', [part(binary, DATA), ECHO]),
  frames('two-open-messages', [part(text, 'a'), part(text, 'b')]),
  frames('fragments', [part(text, DATA.slice(0, 9)), part(continuation, DATA.slice(9), true)]),
  frames('fragments-empty', [
    part(text, ''),
    part(continuation, ''),
    part(continuation, DATA),
    part(continuation, '', true),
  ]),
  frames('fragments-never-ended', [part(text, DATA.slice(0, 9))]),
  frames('ping-between-fragments', [
    part(text, DATA.slice(0, 9)),
    { opcode: ping, payload: 'between' },
    part(continuation, DATA.slice(9), true),
  ]),
  frames('close-between-fragments', [part(text, DATA.slice(0, 9)), { opcode: close }]),
  frames('reserved-between-fragments', [part(text, DATA.slice(0, 9)), { opcode: 3 }]),
  frames('error-after-messages', [ECHO, ECHO, { opcode: ping, payload: 'p' }, { opcode: 3 }, ECHO]),
  frames('two-errors', [{ opcode: 3 }, { opcode: 4 }, { ...ECHO, rsv: 7 }]),
  frames('binary-json', [{ opcode: binary, payload: DATA }]),
  frames('http-inside', [ECHO, { opcode: text, payload: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' }]),
  {
    id: 'frame/http-after-frame',
    steps: [OPEN, encode(ECHO), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  },
  { id: 'frame/zeros', steps: [OPEN, Buffer.alloc(256)] },
  { id: 'frame/ones', steps: [OPEN, Buffer.alloc(256, 255)] },
  { id: 'frame/newlines', steps: [OPEN, '\r\n\r\n\r\n'] },
  { id: 'frame/tls-hello', steps: [OPEN, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'] },
]

const controls = [ping, pong, close].flatMap((opcode) => {
  const name = opcode === ping ? 'ping' : opcode === pong ? 'pong' : 'close'
  const payload = (length) => ({
    opcode,
    payload:
      opcode === close
        ? Buffer.concat([Buffer.from([3, 232]), Buffer.alloc(length - 2, 'r')])
        : { repeat: 'p', length },
  })
  return [
    frames(`${name}-125`, [payload(125)]),
    frames(`${name}-126`, [payload(126)]),
    frames(`${name}-65536`, [payload(65536)]),
    frames(`${name}-length-16-bit`, [{ ...payload(10), form: 16 }]),
    frames(`${name}-length-64-bit`, [{ ...payload(10), form: 64 }]),
    frames(`${name}-continued`, [
      { ...payload(10), fin: false },
      { opcode: continuation, payload: 'x' },
    ]),
  ]
})

export default [...reserved, ...opcodes, ...masks, ...sequences, ...controls]
