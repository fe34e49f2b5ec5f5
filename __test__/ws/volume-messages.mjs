const MIB = 1024 * 1024
const LARGEST = 16 * MIB
const LONGEST_TEXT = 64 * 1024
/** Sizes at which the header of a frame changes its form. */
const EDGES = [125, 126, 127, 65_535, 65_536]

/**
 * A sequence of messages that both ends can make: number k says its kind, its size and where in a
 * pool of noise its bytes begin, so that a message that is lost, doubled, changed or out of order
 * is not the one that is expected.
 */
export class Messages {
  /** @param {number} seed */
  constructor(seed) {
    this.seed = seed
    this.noise = noise(LARGEST + MIB, seed)
    // Two bytes of UTF-8 for half of the characters.
    this.text = this.noise.subarray(0, 2 * LONGEST_TEXT).toString('latin1')
  }

  /**
   * Message number k. It shares the pool's memory.
   *
   * @param {number} number
   * @returns {string | Buffer}
   */
  at(number) {
    const [kind, spread, place] = [1, 2, 3].map((salt) => hash(number, this.seed + salt))
    const size = sizeOf(number, kind, spread)
    if (kind % 4 === 0 && size <= LONGEST_TEXT) {
      const start = place % LONGEST_TEXT
      return this.text.slice(start, start + size)
    }
    const start = place % MIB
    return this.noise.subarray(start, start + size)
  }

  /**
   * Whether this is message number k, to the byte.
   *
   * @param {number} number
   * @param {Buffer} data
   * @param {boolean} isBinary
   */
  isAt(number, data, isBinary) {
    const expected = this.at(number)
    if (typeof expected === 'string') return !isBinary && data.equals(Buffer.from(expected))
    return isBinary && data.equals(expected)
  }
}

/** Mostly small; every size up to 16 MiB. */
function sizeOf(number, kind, spread) {
  if (number % 20_000 === 777) return LARGEST
  const share = (kind >>> 8) % 20_000
  if (share < 1) return spread % LARGEST
  if (share < 10) return spread % MIB
  if (share < 200) return spread % 70_000
  if (share < 300) return EDGES[spread % EDGES.length]
  if (share < 2_000) return spread % 20_000
  if (share < 7_000) return spread % 2_000
  return share < 8_000 ? 0 : spread % 126
}

function hash(number, salt) {
  let value = Math.imul(number + 1, 0x9e37_79b1) ^ Math.imul(salt + 1, 0x85eb_ca77)
  value = Math.imul(value ^ (value >>> 15), 0x2c1b_3c6d)
  value = Math.imul(value ^ (value >>> 12), 0x297a_2d39)
  return (value ^ (value >>> 15)) >>> 0
}

function noise(length, seed) {
  const words = new Uint32Array(length / 4)
  let state = seed * 2 + 1
  for (let place = 0; place < words.length; place++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[place] = state
  }
  return Buffer.from(words.buffer)
}
