/**
 * One case of the catalogue: what a client sends, what it must see, how the connection must end.
 *
 * @typedef {object} Scenario
 * @property {string} id The number that the Autobahn test suite gives it
 * @property {string} name
 * @property {Step[]} steps
 * @property {{ OK: Seen[], 'NON-STRICT'?: Seen[] }} expect
 * @property {Ending} ending
 * @property {boolean} [ownClose] The steps close the connection; the client adds no close frame
 * @property {boolean} [informational] The specification leaves the outcome open
 * @property {boolean} [slow]
 * @property {Record<string, string>} [offer] Headers added to the handshake
 * @property {string} [absent] A header that the 101 must not carry
 *
 * @typedef {{ by: 'client' | 'server', codes: number[], clean: boolean }} Ending
 * @typedef {{ opcode: number, payload?: import('../support/frame.mjs').Bytes } | { timeout: string }} Seen
 *
 * @typedef {object} Step One of:
 * @property {object[]} [frames] Frames to send
 * @property {'once' | 'frames' | 'octets' | number} [chop] In which pieces they are written
 * @property {{ opcode: number, payload: object, size: number }} [fragments]
 * @property {{ count: number, frame: object }} [rounds] Sent again when the echo has come
 * @property {Buffer} [bytes]
 * @property {string} [pause] A wait with a name; when it ends the name is recorded
 */

export const CLEAN = { by: 'client', codes: [1000], clean: true }

/** The frames in one write. */
export const once = (...frames) => ({ frames, chop: 'once' })

/** The frames byte by byte. */
export const octets = (...frames) => ({ frames, chop: 'octets' })

/** A case that the server answers with exactly `seen`, and that the client closes with 1000. */
export function echoed(id, name, steps, seen, more = {}) {
  return { id, name, steps, expect: { OK: seen }, ending: CLEAN, ...more }
}

/** A case in which the server fails the connection, having answered what came before. */
export function failed(id, name, steps, seen = [], more = {}) {
  const expect = seen.length ? { OK: seen, 'NON-STRICT': [] } : { OK: [] }
  return { id, name, steps, expect, ending: { by: 'server', codes: [1002], clean: false }, ...more }
}
