import { closePayload, encode, OPCODE } from '../../support/frame.mjs'
import { request } from '../request.mjs'

const OPEN = { open: true }
const SMALL = encode({ opcode: OPCODE.text, payload: '{"type":"ping"}' })
const MEDIUM = encode({ opcode: OPCODE.text, payload: { repeat: ' ', length: 300 } })
const LARGE = encode({ opcode: OPCODE.binary, payload: { repeat: ' ', length: 70_000 } })
const CLOSE = encode({ opcode: OPCODE.close, payload: closePayload(1001, 'bye') })

const ENDS = { fin: { fin: true }, rst: { rst: true } }

const cut = (name, frame, at) =>
  Object.entries(ENDS).map(([how, end]) => ({
    id: `truncation/${name}-${at}-${how}`,
    steps: [OPEN, frame.subarray(0, at), { wait: 5 }, end],
    midFrame: true,
  }))

const upTo = (count) => Array.from({ length: count }, (_, i) => i + 1)
const HANDSHAKE = request()
const HANDSHAKE_CUTS = [1, 3, 4, 5, 14, 16, 40, 80, 120, HANDSHAKE.length - 2, HANDSHAKE.length - 1]

export default [
  ...upTo(10).flatMap((at) => cut('small', SMALL, at)),
  ...[3, 4, 7, 8, 9, 200, MEDIUM.length - 1].flatMap((at) => cut('medium', MEDIUM, at)),
  ...[5, 9, 10, 13, 14, 65_536, LARGE.length - 1].flatMap((at) => cut('large', LARGE, at)),
  ...[1, 2, 5, 6, 7, 8, 10].flatMap((at) => cut('close', CLOSE, at)),
  ...HANDSHAKE_CUTS.flatMap((at) =>
    Object.entries(ENDS).map(([how, end]) => ({
      id: `truncation/handshake-${at}-${how}`,
      steps: [HANDSHAKE.slice(0, at), { wait: 5 }, end],
      midFrame: true,
    })),
  ),
]
