// Requests and WebSockets of a page, which tell less of themselves than those of a terminal.

/** @typedef {import('./facts.mjs').Outcome} Outcome */

/** Milliseconds that an answer may take. */
const ANSWER_MS = 5_000

/**
 * @param {string} address
 * @param {Record<string, string>} [headers]
 * @returns {Promise<import('./examination.mjs').Answer>}
 */
export async function get(address, { 'Cache-Control': wish, ...headers } = {}) {
  const cache = wish === 'no-cache' ? 'no-store' : 'default'
  try {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const response = await fetch(address, { headers, cache, signal })
    const software = response.headers.get('server') ?? response.headers.get('via') ?? undefined
    const { url, status } = response
    return { url, status, software, text: await response.text() }
  } catch (error) {
    return { url: address, text: '', error: error.message }
  }
}

/**
 * @param {string} address With its query.
 * @param {string} _origin That of the page, as the browser gives it.
 * @param {number} watch Milliseconds after which it is closed.
 * @param {number} [patience] Milliseconds that its opening, and a first message, may take.
 * @returns {{ opened: Promise<boolean>, outcome: Promise<Outcome> }}
 */
export function dial(address, _origin, watch, patience = ANSWER_MS) {
  /** @type {(isOpen: boolean) => void} */
  let tell = () => {}
  /** @type {Promise<boolean>} */
  const opened = new Promise((resolve) => {
    tell = resolve
  })
  /** @type {Promise<Outcome>} */
  const outcome = new Promise((resolve) => {
    /** @type {number | undefined} */
    let openedAt
    let messages = 0
    /** @type {any[]} */
    const timers = []
    /** @param {Outcome} how */
    const end = (how) => {
      for (const timer of timers) clearTimeout(timer)
      tell(how.state === 'open')
      resolve(how)
      socket?.close()
    }
    /** @type {WebSocket | undefined} */
    let socket
    try {
      socket = new WebSocket(address, 'vite-hmr')
    } catch {
      return end({ state: 'blocked', messages })
    }
    const giveUp = () => {
      if (openedAt === undefined) end({ state: 'failed', messages })
      else if (messages === 0) end({ state: 'open', messages })
    }
    timers.push(setTimeout(giveUp, patience))
    socket.onopen = () => {
      openedAt = Date.now()
      tell(true)
      timers.push(setTimeout(giveUp, patience))
      timers.push(setTimeout(() => end({ state: 'open', messages }), watch))
    }
    socket.onmessage = () => {
      messages++
    }
    socket.onclose = () => {
      if (openedAt === undefined) end({ state: 'failed', messages })
      else end({ state: 'open', messages, closedAfter: Date.now() - openedAt })
    }
  })
  return { opened, outcome }
}
