const MEBIBYTE = 1024 * 1024
const FILLER = 'x'.repeat(MEBIBYTE)
/** Messages of a mebibyte that are sent before JavaScript is blocked. */
const BLOCKED_MESSAGES = 16
const BLOCKED_MS = 3000
/** Messages of a mebibyte for a page that does not read, and the time between two. */
const UNREAD_MESSAGES = 100
const UNREAD_EVERY_MS = 40

/**
 * Does to a page's connection what breaks connections, because the page asks for it.
 *
 * @returns {import('vite').Plugin}
 */
export default function trials() {
  return {
    name: 'demo-trials',
    apply: 'serve',

    configureServer({ ws }) {
      let unread = { mostWaiting: 0 }

      ws.on('demo:cut', (_data, client) => {
        client.socket.terminate()
        // The page is away now.
        setTimeout(() => ws.send('demo:meanwhile'), 20)
      })

      ws.on('demo:block', (_data, client) => {
        for (let number = 1; number <= BLOCKED_MESSAGES; number++) {
          client.send('demo:part', { number, of: BLOCKED_MESSAGES, FILLER })
        }
        const end = performance.now() + BLOCKED_MS
        while (performance.now() < end);
        client.send('demo:unblocked')
      })

      ws.on('demo:unread', (_data, client) => {
        const { socket } = client
        unread = { mostWaiting: 0 }
        let count = 0
        const timer = setInterval(() => {
          client.send('demo:filler', FILLER)
          unread.mostWaiting = Math.max(unread.mostWaiting, socket.bufferedAmount)
          if (++count < UNREAD_MESSAGES) return
          clearInterval(timer)
          client.send('demo:unread', unread)
        }, UNREAD_EVERY_MS)
      })
      ws.on('demo:unread?', (_data, client) => client.send('demo:unread', unread))
    },
  }
}
