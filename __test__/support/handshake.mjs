// The opening handshake: a client's upgrade request, and a server's answer.

/** RFC 6455's own example: a fixed key makes whole answers comparable byte by byte. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

const HEADERS = {
  Host: 'localhost',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': KEY,
  'Sec-WebSocket-Protocol': 'vite-hmr',
}

/**
 * An upgrade request as text: the one of Vite's client, but for what is asked.
 *
 * @param {object} [change]
 * @param {string} [change.path]
 * @param {Record<string, string | string[] | null | undefined>} [change.headers] A list repeats a
 *   header; `null` and `undefined` leave one out
 * @param {string} [change.method]
 * @param {string} [change.version]
 * @param {string} [change.eol]
 * @param {string} [change.body]
 */
export function upgradeRequest({
  path = '/',
  headers = {},
  method = 'GET',
  version = 'HTTP/1.1',
  eol = '\r\n',
  body = '',
} = {}) {
  const lines = Object.entries({ ...HEADERS, ...headers })
    .filter(([, value]) => value !== null && value !== undefined)
    .flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`))
  return [`${method} ${path} ${version}`, ...lines, '', body].join(eol)
}

const END_OF_HEAD = '\r\n\r\n'

/**
 * The two parts of an answer.
 *
 * @param {Buffer} bytes
 * @returns {{ head: string | null, body: Buffer }} `head` with its empty line, `null` while it is not
 *   complete
 */
export function splitAnswer(bytes) {
  const end = bytes.indexOf(END_OF_HEAD)
  if (end < 0) return { head: null, body: Buffer.alloc(0) }
  const start = end + END_OF_HEAD.length
  return { head: bytes.toString('latin1', 0, start), body: bytes.subarray(start) }
}

/** A server's bytes as they come: the head of its answer, then what is behind it. */
export class AnswerReader {
  /** @type {string | null} With its empty line. */
  head = null
  #beginning = Buffer.alloc(0)

  /**
   * @param {Buffer} chunk
   * @returns {Buffer} the part of it that is behind the head
   */
  push(chunk) {
    if (this.head !== null) return chunk
    this.#beginning = Buffer.concat([this.#beginning, chunk])
    const { head, body } = splitAnswer(this.#beginning)
    this.head = head
    return body
  }
}
