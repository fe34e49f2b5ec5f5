import { closePayload, encode, OPCODE } from '../../support/frame.mjs'
import { request } from '../request.mjs'

const OPEN = { open: true }
const RST = { rst: true }
const FIN = { fin: true }
const ECHO = encode({
  opcode: OPCODE.text,
  payload: '{"type":"custom","event":"hostile:echo","data":1}',
})
const BIG_ECHO = encode({
  opcode: OPCODE.text,
  payload: `{"type":"custom","event":"hostile:echo","data":"${'x'.repeat(1024 * 1024)}"}`,
})
const CLOSE = encode({ opcode: OPCODE.close, payload: closePayload(1000) })

/**
 * What such a client saw before it left depends on the network; that the others live is the point,
 * and so only that is compared.
 */
const reset = (name, ...steps) => ({
  id: `reset/${name}`,
  steps: [...steps, RST],
  quiet: 10,
  blind: true,
})

const stages = [
  reset('on-connect'),
  reset('after-handshake-sent', request()),
  reset('after-refused-sent', request({ url: '/?token={wrong}' })),
  reset('after-other-path-sent', request({ url: '/other' })),
  reset('after-foreign-protocol-sent', request({ headers: { 'Sec-WebSocket-Protocol': 'chat' } })),
  reset('after-foreign-protocol-wait', request({ url: '/other' }), { wait: 30 }),
  reset('after-ping-protocol', request({ headers: { 'Sec-WebSocket-Protocol': 'vite-ping' } })),
  reset('after-http-get', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  reset('after-open', OPEN),
  reset('after-open-wait', OPEN, { wait: 30 }),
  reset('after-message', OPEN, ECHO),
  reset('after-message-wait', OPEN, ECHO, { wait: 30 }),
  reset('after-half-header', OPEN, ECHO.subarray(0, 1)),
  reset('after-half-payload', OPEN, ECHO.subarray(0, 20), { wait: 10 }),
  reset('while-answered', OPEN, { deaf: true }, BIG_ECHO, { wait: 30 }),
  reset('while-much-is-queued', OPEN, { deaf: true }, { flood: BIG_ECHO, times: 8 }, { wait: 50 }),
  reset('after-close-frame', OPEN, CLOSE),
  reset('after-invalid-frame', OPEN, encode({ opcode: 3 })),
  reset('after-invalid-frame-wait', OPEN, encode({ opcode: 3 }), { wait: 30 }),
  reset('after-fin', OPEN, FIN),
  reset('after-ping', OPEN, encode({ opcode: OPCODE.ping, payload: 'x' })),
  reset('with-unread-answers', OPEN, { deaf: true }, { flood: ECHO, times: 200 }, { wait: 30 }),
]

const crowds = [
  { ...reset('crowd-on-connect'), crowd: 100 },
  { ...reset('crowd-after-handshake-sent', request()), crowd: 100 },
  { ...reset('crowd-after-open', OPEN), crowd: 100 },
  { ...reset('crowd-after-message', OPEN, ECHO), crowd: 100 },
].map((each) => ({ ...each, id: each.id }))

const halfOpen = [
  { id: 'reset/fin-on-connect', steps: [FIN] },
  { id: 'reset/fin-after-handshake', steps: [request(), FIN] },
  { id: 'reset/fin-after-refused', steps: [request({ url: '/?token={wrong}' }), FIN] },
  { id: 'reset/fin-after-open', steps: [OPEN, FIN] },
  { id: 'reset/fin-after-message', crowd: 20, steps: [OPEN, ECHO, FIN] },
  { id: 'reset/fin-after-messages', steps: [OPEN, Buffer.concat(Array(100).fill(ECHO)), FIN] },
  { id: 'reset/fin-crowd', crowd: 100, steps: [OPEN, FIN] },
]

export default [...stages, ...crowds, ...halfOpen]
