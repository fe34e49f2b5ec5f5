'use strict'

/**
 * The newest of many things, bounded in number and bytes.
 *
 * @template {{ seq: number }} T
 */
class Ring {
  /** @param {{ most: number, mostBytes: number }} limits */
  constructor({ most, mostBytes }) {
    this.most = most
    this.mostBytes = mostBytes
    this.bytes = 0
    /** @type {Map<number, { item: T, bytes: number }>} In order of arrival. */
    this.kept = new Map()
  }

  get size() {
    return this.kept.size
  }

  /**
   * @param {T} item
   * @param {number} bytes What keeping it costs.
   */
  push(item, bytes) {
    this.kept.set(item.seq, { item, bytes })
    this.bytes += bytes
    for (const [seq, { bytes }] of this.kept) {
      if (this.kept.size <= this.most && this.bytes <= this.mostBytes) break
      this.kept.delete(seq)
      this.bytes -= bytes
    }
  }

  /** @param {number} seq */
  get(seq) {
    return this.kept.get(seq)?.item
  }

  /** @returns {T[]} Oldest first. */
  toArray() {
    return Array.from(this.kept.values(), ({ item }) => item)
  }

  clear() {
    this.kept.clear()
    this.bytes = 0
  }
}

module.exports = { Ring }
