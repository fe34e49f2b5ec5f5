// WebSocket frames: what a client sends, bit by bit, and what a server sent.

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 }

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

/**
 * Bytes as tests write them down: a string (UTF-8), a buffer, a list of bytes, or a pattern and a
 * length, so that 16 MiB stay a line of data.
 *
 * @typedef {string | Uint8Array | number[] | { repeat: string, length: number }} Bytes
 */

/**
 * @param {Bytes} [source]
 * @returns {Buffer}
 */
export function bytesOf(source = '') {
  if (typeof source === 'string') return Buffer.from(source)
  if (source instanceof Uint8Array || Array.isArray(source)) return Buffer.from(source)
  return Buffer.alloc(source.length, source.repeat)
}

/**
 * One frame with every bit under control. `length` is what the header declares, `form` how it
 * declares it (7, 16 or 64 bits); both may lie.
 *
 * @param {object} frame
 * @param {boolean} [frame.fin]
 * @param {number} [frame.rsv] The three reserved bits as a number, RSV1 being 4
 * @param {number} frame.opcode
 * @param {Bytes} [frame.payload]
 * @param {boolean} [frame.masked]
 * @param {Uint8Array} [frame.mask]
 * @param {number | bigint} [frame.length]
 * @param {7 | 16 | 64} [frame.form]
 * @returns {Buffer}
 */
export function encode({ fin = true, rsv = 0, opcode, masked = true, mask = MASK, ...rest }) {
  const payload = bytesOf(rest.payload)
  const length = BigInt(rest.length ?? payload.length)
  const form = rest.form ?? (length < 126n ? 7 : length < 65536n ? 16 : 64)
  const extra = form === 7 ? 0 : form / 8
  const header = Buffer.alloc(2 + extra + (masked ? 4 : 0))
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  header[1] = (masked ? 0x80 : 0) | (form === 7 ? Number(length) : form === 16 ? 126 : 127)
  if (form === 16) header.writeUInt16BE(Number(length), 2)
  if (form === 64) header.writeBigUInt64BE(length, 2)
  if (masked) {
    header.set(mask, 2 + extra)
    for (let i = 0; i < payload.length; i++) payload[i] ^= mask[i & 3]
  }
  return Buffer.concat([header, payload])
}

/**
 * The same, shorter to write: the opcode and the payload first.
 *
 * @param {number} opcode
 * @param {Bytes} [payload]
 * @param {Omit<Parameters<typeof encode>[0], 'opcode' | 'payload'>} [more]
 */
export function frame(opcode, payload, more = {}) {
  return encode({ opcode, payload, ...more })
}

/** A masked text frame with a custom event of Vite's protocol. */
export function eventFrame(event, data) {
  return frame(OPCODE.text, JSON.stringify({ type: 'custom', event, data }))
}

/**
 * A close frame's payload.
 *
 * @param {number} code
 * @param {Bytes} [reason]
 */
export function closePayload(code, reason = '') {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), bytesOf(reason)])
}

/**
 * A message cut into frames of `size` bytes.
 *
 * @param {{ opcode: number, payload: Bytes, size: number }} message
 * @returns {Buffer[]}
 */
export function fragments({ opcode, payload, size }) {
  const bytes = bytesOf(payload)
  const frames = []
  for (let at = 0; at < bytes.length; at += size) {
    const fin = at + size >= bytes.length
    const part = bytes.subarray(at, at + size)
    frames.push(encode({ fin, opcode: at === 0 ? opcode : OPCODE.continuation, payload: part }))
  }
  return frames
}

/**
 * The code in the first close frame that a server sent, 1005 if it has none.
 *
 * @param {Buffer} bytes All that came behind the 101
 * @returns {number | null} `null` without a close frame
 */
export function closeCode(bytes) {
  const frames = new FrameReader().push(bytes)
  const close = frames.find(({ opcode }) => opcode === OPCODE.close)
  if (!close) return null
  return close.payload.length >= 2 ? close.payload.readUInt16BE(0) : 1005
}

/** What a server sent, frame by frame. Headers are read as they are, right or wrong. */
export class FrameReader {
  #chunks = []
  #size = 0

  /** Bytes that belong to no whole frame yet. */
  get pending() {
    return this.#size
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    const frames = []
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next() {
    if (this.#size < 2) return
    const head = this.#peek(14)
    const short = head[1] & 0x7f
    const masked = (head[1] & 0x80) !== 0
    const start = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (masked ? 4 : 0)
    if (head.length < start) return
    let length = short
    if (short === 126) length = head.readUInt16BE(2)
    if (short === 127) length = Number(head.readBigUInt64BE(2))
    if (this.#size < start + length) return
    const whole = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks)
    this.#size = whole.length - start - length
    this.#chunks = this.#size ? [whole.subarray(start + length)] : []
    return {
      fin: (head[0] & 0x80) !== 0,
      rsv: (head[0] >> 4) & 7,
      opcode: head[0] & 15,
      masked,
      payload: whole.subarray(start, start + length),
    }
  }

  #peek(count) {
    const [first] = this.#chunks
    if (first.length >= count || this.#chunks.length === 1) return first.subarray(0, count)
    return Buffer.concat(this.#chunks.slice(0, count)).subarray(0, count)
  }
}
