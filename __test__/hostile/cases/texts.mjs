import { encode, OPCODE } from '../../support/frame.mjs'

const { continuation, text } = OPCODE
const OPEN = { open: true }

const INVALID = {
  continuation: '80',
  'continuation-run': '80bf80bf80bf',
  'start-alone': 'c3',
  'start-then-ascii': 'c320',
  'overlong-2': 'c0af',
  'overlong-3': 'e080af',
  'overlong-4': 'f08080af',
  'overlong-nul': 'c080',
  surrogate: 'eda080',
  'surrogate-pair': 'eda080edb080',
  above: 'f4908080',
  'five-bytes': 'f888808080',
  'six-bytes': 'fc8480808080',
  fe: 'fe',
  ff: 'ff',
  'cut-3': 'e282',
  'cut-4': 'f09f98',
  'utf16-le-bom': 'fffe7b00',
  'utf16-be-bom': 'feff007b',
  latin1: '7b22e9227d',
}

const hex = (digits) => Buffer.from(digits, 'hex')

const alone = Object.entries(INVALID).map(([name, digits]) => ({
  id: `text/${name}`,
  steps: [OPEN, encode({ opcode: text, payload: hex(digits) })],
}))

/** The same bytes at the far end of much valid text, where a fast path may have looked away. */
const behindMuch = Object.entries(INVALID).map(([name, digits]) => ({
  id: `text/behind-64-kib-${name}`,
  steps: [
    OPEN,
    encode({ opcode: text, payload: Buffer.concat([Buffer.alloc(65536, 'é'), hex(digits)]) }),
  ],
}))

const inJson = ['continuation', 'surrogate', 'ff', 'overlong-nul'].map((name) => ({
  id: `text/in-json-${name}`,
  steps: [
    OPEN,
    encode({
      opcode: text,
      payload: Buffer.concat([
        Buffer.from('{"type":"custom","event":"hostile:echo","data":"'),
        hex(INVALID[name]),
        Buffer.from('"}'),
      ]),
    }),
  ],
}))

const asBinary = ['continuation', 'surrogate', 'ff', 'overlong-nul'].map((name) => ({
  ...inJson.find(({ id }) => id.endsWith(name)),
  id: `text/in-binary-json-${name}`,
  steps: [
    OPEN,
    encode({
      opcode: OPCODE.binary,
      payload: Buffer.concat([
        Buffer.from('{"type":"custom","event":"hostile:echo","data":"'),
        hex(INVALID[name]),
        Buffer.from('"}'),
      ]),
    }),
  ],
}))

const fragmented = [
  ['split-character', ['e2', '82ac'], true],
  ['split-then-broken', ['e2', '8220'], true],
  ['broken-then-more', ['ff', '41'], true],
  ['broken-never-ended', ['ff', '41'], false],
  ['cut-at-end', ['41', 'e282'], true],
].map(([name, parts, ends]) => ({
  id: `text/fragments-${name}`,
  steps: [
    OPEN,
    ...parts.map((part, i) =>
      encode({
        opcode: i ? continuation : text,
        fin: ends && i === parts.length - 1,
        payload: hex(part),
      }),
    ),
  ],
}))

export default [...alone, ...behindMuch, ...inJson, ...asBinary, ...fragmented]
