// Requests and WebSockets of the terminal's check, with what browsers do not tell of them.
import { randomBytes } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'

/** Milliseconds that an answer may take. */
const ANSWER_MS = 5_000
const MAX_REDIRECTS = 5
/** Characters that are read of an answer: Vite's client has a tenth of it. */
const MAX_LENGTH = 1024 * 1024
const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 }

/** @typedef {import('./page/facts.mjs').Outcome} Outcome */

/** @param {URL} url */
function requestOf({ protocol }) {
  return /^(https|wss):$/.test(protocol) ? https.request : http.request
}

/**
 * A GET request, with its redirects followed. The certificates of dev servers are their own, as those
 * that are accepted by a click in a browser.
 *
 * @param {string} address
 * @param {Record<string, string>} [headers]
 * @returns {Promise<import('./page/examination.mjs').Answer>}
 */
export async function get(address, headers = {}, redirects = MAX_REDIRECTS) {
  const url = new URL(address)
  /** @type {import('node:http').IncomingMessage | Error} */
  const answer = await new Promise((resolve) => {
    const options = { headers, agent: false, rejectUnauthorized: false, timeout: ANSWER_MS }
    const request = requestOf(url)(url, options, resolve)
    request.on('timeout', () => request.destroy(codedError('ETIMEDOUT')))
    request.on('error', resolve)
    request.end()
  })
  if (answer instanceof Error) return { url: address, text: '', error: codeOf(answer) }
  const { statusCode: status = 0, headers: answered } = answer
  const software = String(answered.server ?? answered.via ?? '')
  if (status >= 300 && status < 400 && answered.location && redirects > 0) {
    answer.destroy()
    return get(new URL(answered.location, url).href, headers, redirects - 1)
  }
  answer.setEncoding('utf8')
  let text = ''
  try {
    for await (const chunk of answer) {
      text += chunk
      if (text.length > MAX_LENGTH) break
    }
  } catch (error) {
    return { url: address, status, software, text, error: codeOf(/** @type {Error} */ (error)) }
  }
  return { url: address, status, software, text }
}

/**
 * Opens a WebSocket as a page would, and watches it.
 *
 * @param {string} address With its query.
 * @param {string} origin Of the page.
 * @param {number} watch Milliseconds after which it is closed.
 * @param {number} [patience] Milliseconds that its opening may take.
 * @returns {{ opened: Promise<boolean>, outcome: Promise<Outcome> }}
 */
export function dial(address, origin, watch, patience = ANSWER_MS) {
  const url = new URL(address.replace(/^ws/, 'http'))
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    Origin: origin,
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Protocol': 'vite-hmr',
    'User-Agent': 'vite-native-ws doctor',
  }
  /** @type {(isOpen: boolean) => void} */
  let tell = () => {}
  /** @type {Promise<boolean>} */
  const opened = new Promise((resolve) => {
    tell = resolve
  })
  /** @type {Promise<Outcome>} */
  const outcome = new Promise((resolve) => {
    /** @param {Partial<Outcome>} how */
    const fail = (how) => {
      tell(false)
      resolve({ state: 'failed', messages: 0, ...how })
    }
    const request = requestOf(url)(url, { headers, agent: false, rejectUnauthorized: false })
    const timer = setTimeout(() => request.destroy(codedError('ETIMEDOUT')), patience)
    request.on('response', ({ statusCode }) => {
      clearTimeout(timer)
      fail({ status: statusCode })
      request.destroy()
    })
    request.on('error', (error) => {
      clearTimeout(timer)
      fail({ error: codeOf(error) })
    })
    request.on('upgrade', (_, socket, head) => {
      clearTimeout(timer)
      tell(true)
      watchSocket(socket, head, watch, patience).then(resolve)
    })
    request.end()
  })
  return { opened, outcome }
}

/**
 * @param {import('node:stream').Duplex} socket
 * @param {Buffer} head
 * @param {number} watch Milliseconds.
 * @param {number} patience Milliseconds without any message after which there is nothing to wait for.
 * @returns {Promise<Outcome>}
 */
function watchSocket(socket, head, watch, patience) {
  return new Promise((resolve) => {
    const started = Date.now()
    let messages = 0
    /** @type {Buffer} */
    let rest = Buffer.alloc(0)
    /** @param {number} [closedAfter] */
    const end = (closedAfter) => {
      clearTimeout(timer)
      clearTimeout(silence)
      socket.destroy()
      resolve({ state: 'open', messages, closedAfter })
    }
    const timer = setTimeout(() => end(), watch)
    const silence = setTimeout(() => messages > 0 || end(), patience)
    const cut = () => end(Date.now() - started)
    /** @param {Buffer} chunk */
    const read = (chunk) => {
      rest = Buffer.concat([rest, chunk])
      for (let frame = takeFrame(rest); frame; frame = takeFrame(rest)) {
        rest = frame.rest
        if (frame.opcode === OPCODE.text) messages++
        else if (frame.opcode === OPCODE.ping) socket.write(maskedPong(frame.payload))
        else if (frame.opcode === OPCODE.close) return cut()
      }
    }
    socket.on('data', read)
    socket.on('error', cut)
    socket.on('close', cut)
    socket.on('end', cut)
    if (head.length > 0) read(head)
  })
}

/**
 * The first whole frame of a server. A check gets none above 64 KiB.
 *
 * @param {Buffer} bytes
 */
function takeFrame(bytes) {
  if (bytes.length < 2) return undefined
  const isLong = (bytes[1] & 0x7f) === 126
  if (isLong && bytes.length < 4) return undefined
  const start = isLong ? 4 : 2
  const end = start + (isLong ? bytes.readUInt16BE(2) : bytes[1] & 0x7f)
  if (bytes.length < end) return undefined
  return { opcode: bytes[0] & 0x0f, payload: bytes.subarray(start, end), rest: bytes.subarray(end) }
}

/** @param {Buffer} payload At most 125 bytes; its mask is zero. */
function maskedPong(payload) {
  const head = [0x80 | OPCODE.pong, 0x80 | payload.length, 0, 0, 0, 0]
  return Buffer.concat([Buffer.from(head), payload])
}

/** @param {string} code */
function codedError(code) {
  return Object.assign(new Error(code), { code })
}

/** @param {Error & { code?: string, errors?: Error[] }} error Several, where several addresses failed. */
function codeOf(error) {
  return error.code ?? error.message
}
