import { createHash } from 'node:crypto'
import { FrameReader, OPCODE } from '../support/frame.mjs'

const NAMES = Object.fromEntries(Object.entries(OPCODE).map(([name, code]) => [code, name]))
const SHOWN = 300
export const OPEN = 'the server left it open'

/** The canary's broadcasts reach everyone who is there. */
const isCanary = ({ payload }) => payload.includes('"event":"canary"')

/** What one client saw of the server, reduced to what two servers can be compared by. */
export class Observation {
  /** @type {string[]} */
  frames = []
  ended = false
  upgraded = false
  probes = 0
  #http = Buffer.alloc(0)
  #reader = new FrameReader()
  #target
  #probe

  constructor(target, probe) {
    this.#target = target
    this.#probe = probe
  }

  /** @param {Buffer} chunk */
  read(chunk) {
    if (this.upgraded) return this.#readFrames(chunk)
    this.#http = Buffer.concat([this.#http, chunk])
    const at = this.#http.indexOf('HTTP/1.1 101 ')
    const end = at < 0 ? -1 : this.#http.indexOf('\r\n\r\n', at)
    if (end < 0) return
    this.upgraded = true
    const rest = this.#http.subarray(end + 4)
    this.#http = this.#http.subarray(0, end + 4)
    this.#readFrames(rest)
  }

  #readFrames(chunk) {
    for (const frame of this.#reader.push(chunk)) {
      const isProbe = frame.opcode === OPCODE.pong && frame.payload.toString() === this.#probe
      if (isProbe) this.probes++
      else if (!isCanary(frame)) this.frames.push(this.#describe(frame))
    }
  }

  #describe({ fin, rsv, opcode, masked, payload }) {
    const oddities = `${fin ? '' : ' unfinished'}${rsv ? ` rsv ${rsv}` : ''}${masked ? ' masked' : ''}`
    return `${NAMES[opcode] ?? opcode}${oddities} ${this.#show(opcode, payload)}`.trimEnd()
  }

  #show(opcode, payload) {
    if (opcode === OPCODE.close && payload.length >= 2) {
      return `${payload.readUInt16BE(0)} ${payload.subarray(2)}`.trimEnd()
    }
    const text = this.#plain(payload.toString(opcode === OPCODE.binary ? 'hex' : 'utf8'))
    if (text.length <= SHOWN) return text
    const digest = createHash('sha1').update(text).digest('hex').slice(0, 12)
    return `${text.slice(0, 40)}… ${text.length} characters, ${digest}`
  }

  /** Stack traces name the files of whoever answers; only their first line is the protocol's. */
  #plain(text) {
    return text
      .replaceAll(this.#target.token, '<token>')
      .replaceAll(String(this.#target.port), '<port>')
      .replace(/("stack":"[^"\\]*)(?:\\n(?:[^"\\]|\\.)*)?"/g, '$1"')
  }

  /** @returns {string[]} */
  summary() {
    const http = this.#plain(this.#http.toString('latin1')).replace(/^Date: .*\r\n/gm, '')
    const lines = http ? [`response ${shorten(JSON.stringify(http))}`] : []
    lines.push(...runs(this.frames.map((frame) => `frame ${frame}`)))
    lines.push(this.ended ? 'the server ended the connection' : OPEN)
    return lines
  }
}

function shorten(text) {
  if (text.length <= 4 * SHOWN) return text
  const digest = createHash('sha1').update(text).digest('hex').slice(0, 12)
  return `${text.slice(0, SHOWN)}… ${text.length} characters, ${digest}`
}

/** @param {string[]} lines */
export function runs(lines) {
  const counted = []
  for (const line of lines) {
    const last = counted.at(-1)
    if (last?.line === line) last.count++
    else counted.push({ line, count: 1 })
  }
  return counted.map(({ line, count }) => (count > 1 ? `${line} × ${count}` : line))
}
