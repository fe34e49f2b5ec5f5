import { OPCODE } from '../support/frame.mjs'
import { echoed, once } from './scenario.mjs'

const HEADER = 'Sec-WebSocket-Extensions'
const HELLO = { opcode: OPCODE.text, payload: 'not compressed' }

/**
 * Sections 12 and 13 measure permessage-deflate. A server that does not speak it says nothing of it
 * in its 101 and goes on without.
 */
const declined = (id, offer) =>
  echoed(id, `not negotiated: ${offer}`, [once(HELLO)], [HELLO], {
    offer: { [HEADER]: offer },
    absent: HEADER.toLowerCase(),
  })

export default [
  declined('12.1.1', 'permessage-deflate'),
  declined('13.1.1', 'permessage-deflate; client_no_context_takeover; client_max_window_bits'),
]
