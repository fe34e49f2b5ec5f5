'use strict'

const { randomFillSync } = require('node:crypto')

/**
 * The little of RFC 6455 that a client of a test needs: whole messages out, masked; anything in.
 */

const OPCODE = Object.freeze({ continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 })

/**
 * One masked frame (RFC 6455, 5.2), as a client must send it.
 *
 * @param {number} opcode
 * @param {Buffer} payload
 */
function encode(opcode, payload) {
  const { length } = payload
  const extra = length < 126 ? 0 : length < 65536 ? 2 : 8
  const frame = Buffer.alloc(2 + extra + 4 + length)
  frame[0] = 0x80 | opcode
  frame[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127)
  if (extra === 2) frame.writeUInt16BE(length, 2)
  if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  const mask = randomFillSync(frame.subarray(2 + extra, 6 + extra))
  for (let at = 0; at < length; at++) frame[6 + extra + at] = payload[at] ^ mask[at % 4]
  return frame
}

/** Puts frames together again, however their bytes arrive. A server's are not masked. */
class Decoder {
  constructor() {
    /** @type {Buffer} */
    this.rest = Buffer.alloc(0)
    /** @type {{ opcode: number, parts: Buffer[] } | undefined} */
    this.message = undefined
  }

  /**
   * @param {Buffer} chunk
   * @returns {{ opcode: number, payload: Buffer }[]} Messages and control frames that are complete.
   */
  push(chunk) {
    this.rest = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk
    const complete = []
    for (let frame = this.take(); frame; frame = this.take()) {
      const whole = this.assemble(frame)
      if (whole) complete.push(whole)
    }
    return complete
  }

  take() {
    const { rest } = this
    if (rest.length < 2) return undefined
    const short = rest[1] & 0x7f
    const start = short < 126 ? 2 : short === 126 ? 4 : 10
    if (rest.length < start) return undefined
    const length =
      short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2))
    if (rest.length < start + length) return undefined
    this.rest = rest.subarray(start + length)
    const payload = rest.subarray(start, start + length)
    return { isFinal: rest[0] >= 0x80, opcode: rest[0] & 0xf, payload }
  }

  /** @param {{ isFinal: boolean, opcode: number, payload: Buffer }} frame */
  assemble({ isFinal, opcode, payload }) {
    if (opcode >= OPCODE.close) return { opcode, payload }
    if (opcode !== OPCODE.continuation) this.message = { opcode, parts: [] }
    const { message } = this
    if (!message) return undefined
    message.parts.push(payload)
    if (!isFinal) return undefined
    this.message = undefined
    return { opcode: message.opcode, payload: Buffer.concat(message.parts) }
  }
}

module.exports = { Decoder, encode, OPCODE }
