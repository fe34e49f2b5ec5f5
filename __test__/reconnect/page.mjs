// The page's half as it runs in a browser, in Node: the same classes, on the sockets of `ws`.
import { createRequire } from 'node:module'
import WebSocket from 'ws'

const require = createRequire(import.meta.url)
const { ResumableSocket } = require('../../lib/reconnect/browser/resumable-socket.js')
export const { settingsOf } = require('../../lib/reconnect/browser-source.js')

/** Node 20 has no WebSocket of its own. A browser's reports no error to who does not listen. */
class BrowserWebSocket extends WebSocket {
  constructor(url, protocol) {
    super(url, protocol, { perMessageDeflate: false, skipUTF8Validation: true })
    this.on('error', () => {})
  }
}

class BrowserCloseEvent extends Event {
  constructor(type, { code, reason, wasClean }) {
    super(type)
    Object.assign(this, { code, reason, wasClean })
  }
}

/** A second of a browser's time, for tests in which nothing waits for it. */
export const QUICK = {
  ...settingsOf('socket'),
  firstRetry: 4,
  lastRetry: 50,
  attempt: 1_000,
  quiet: 150,
  answer: 400,
}

/** What a page has of the browser, with its console kept. */
export function browserEnvironment(over = {}) {
  const lines = []
  const console = {
    warn: (line) => lines.push(line),
    info: (line) => lines.push(line),
  }
  return Object.assign(new EventTarget(), {
    WebSocket: BrowserWebSocket,
    CloseEvent: BrowserCloseEvent,
    MessageEvent,
    setTimeout,
    clearTimeout,
    fetch,
    Date,
    Math,
    console,
    lines,
    ...over,
  })
}

/** A socket as Vite's client gets one, with what it was told. */
export class PageSocket {
  messages = []
  events = []
  waiting = []

  constructor(url, { settings = {}, environment = browserEnvironment(), hot, source } = {}) {
    this.environment = environment
    const place = { environment, hot: () => hot, source }
    this.socket = new ResumableSocket(url, 'vite-hmr', { ...QUICK, ...settings }, place)
    for (const type of ['open', 'error', 'message', 'close']) {
      this.socket.addEventListener(type, (event) => this.note(type, event))
    }
    this.opened = new Promise((resolve) => this.socket.addEventListener('open', resolve))
    this.closed = new Promise((resolve) => this.socket.addEventListener('close', resolve))
  }

  note(type, event) {
    if (type === 'message') this.messages.push(event.data)
    else this.events.push(type)
    for (const wake of this.waiting.splice(0)) wake()
  }

  /** The server knows that it may come back. */
  get isWelcome() {
    return this.socket._session !== undefined
  }

  /** What Vite's client was told, without the numbers. */
  get payloads() {
    return this.messages.map((text) => {
      const { 'vite-native-ws': _number, ...payload } = JSON.parse(text)
      return payload
    })
  }

  get lines() {
    return this.environment.lines
  }

  emit(event, data) {
    this.socket.send(JSON.stringify({ type: 'custom', event, data }))
  }
}
