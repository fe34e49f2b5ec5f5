'use strict'

// What a server and its test client do whatever stands in the place of timers, clock and globals.
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { setImmediate } = require('node:timers')
// By its path: for jsdom, Jest resolves the name to a stub for browsers.
const WebSocket = require('../node_modules/ws/lib/websocket.js')

/** Real milliseconds that a slow listener blocks JavaScript: more than the server's own pause. */
const BLOCK_MS = 10
/** Far above what anything here takes that does not wait for fake time. */
const FAR_MS = 3_600_000

function block() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS)
}

/** The next turns of the event loop, by a timer that nobody has replaced. */
function turns(count) {
  return new Promise((resolve) => {
    const turn = () => (--count < 0 ? resolve() : setImmediate(turn))
    turn()
  })
}

/**
 * @typedef {object} Place
 * @property {typeof import('../../../lib/ws/index.js')} ws
 * @property {typeof import('../../../testing.js')} testing
 * @property {(milliseconds: number) => unknown} [advance] Moves fake time on.
 */
/** @type {Record<string, (place: Place, options: object) => Promise<unknown>>} */
const CHECKS = {
  async 'a listener may take its time'({ testing }, options) {
    const server = await testing.startTestServer(options)
    server.ws.on('slow', (data, client) => {
      block()
      client.send('done', data)
    })
    const client = await server.connect()
    for (let number = 0; number < 5; number++) client.send('slow', number)
    for (let number = 0; number < 5; number++) assert.equal(await client.next('done'), number)
    await server.close()
  },

  async 'a burst of large messages is heard to its end'({ testing }, options) {
    const server = await testing.startTestServer(options)
    let heard = 0
    server.ws.on('large', () => {
      heard++
      block()
    })
    server.ws.on('last', (_, client) => client.send('heard', heard))
    const client = await server.connect()
    for (let number = 0; number < 50; number++) client.send('large', 'x'.repeat(8 * 1024))
    client.send('last')
    assert.equal(await client.next('heard'), 50)
    await server.close()
  },

  async 'a wait for a message is not over since fake time moves on'({ testing, advance }, options) {
    const server = await testing.startTestServer(options)
    server.ws.on('ask', (data, client) => client.send('answer', data))
    const client = await server.connect()
    const answer = client.next('answer')
    client.send('ask', 1)
    await advance?.(FAR_MS)
    assert.equal(await answer, 1)
    await server.close()
  },

  async 'a message that does not come is reported although fake time stands still'(
    { testing },
    options,
  ) {
    const server = await testing.startTestServer(options)
    const client = await server.connect()
    await assert.rejects(client.next('never', { timeout: 50 }), {
      code: 'ERR_NATIVE_WS_NO_MESSAGE',
      message: /the event "never" did not arrive: not within 50 ms/,
    })
    await server.close()
  },

  async 'close() calls back'({ ws }, options) {
    const server = new ws.WebSocketServer({ port: 0, host: '127.0.0.1', ...options })
    await once(server, 'listening')
    const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`)
    const [socket] = await once(server, 'connection')
    socket.terminate()
    await once(client, 'close')
    await new Promise((resolve) => server.close(resolve))
    await new Promise((resolve) => server.close(resolve))
  },

  async 'callbacks of what is sent too late are called'({ ws }, options) {
    await withPair(ws, options, async ({ socket }) => {
      socket.terminate()
      const error = await new Promise((resolve) => socket.send('late', resolve))
      assert.match(error.message, /not open: readyState 2/)
    })
  },

  async 'what comes while paused is heard afterwards, one in a turn'({ ws }, options) {
    const spaced = { ...options, allowSynchronousEvents: false }
    await withPair(ws, spaced, async ({ socket, client }) => {
      socket.pause()
      for (let number = 0; number < 10; number++) client.send(String(number))
      const heard = []
      const all = new Promise((resolve) => {
        socket.on('message', (data) => heard.push(String(data)) === 10 && resolve())
      })
      socket.resume()
      await all
      assert.equal(heard.join(''), '0123456789')
    })
  },

  async 'a binary message comes as a Blob with its bytes'({ ws }, options) {
    await withPair(ws, options, async ({ socket, client }) => {
      socket.binaryType = 'blob'
      const message = new Promise((resolve) => socket.once('message', resolve))
      client.send(Buffer.from('bytes'))
      const blob = await message
      assert.equal(Buffer.from(await blob.arrayBuffer()).toString(), 'bytes')
    })
  },

  async 'closeTimeout follows fake time'({ ws, advance }, options) {
    if (!advance) return
    await withPair(ws, { ...options, closeTimeout: FAR_MS }, async ({ socket, client }) => {
      client.pause()
      let code
      socket.once('close', (given) => {
        code = given
      })
      socket.close()
      await advance(FAR_MS - 1)
      await turns(100)
      assert.equal(code, undefined)
      const closed = once(socket, 'close')
      await advance(1)
      await closed
      assert.equal(code, 1006)
      client.terminate()
    })
  },
}

async function withPair(ws, options, run) {
  const server = new ws.WebSocketServer({ port: 0, host: '127.0.0.1', ...options })
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`)
  client.on('error', () => {})
  const [[socket]] = await Promise.all([once(server, 'connection'), once(client, 'open')])
  try {
    await run({ socket, client })
  } finally {
    client.terminate()
    socket.terminate()
    await new Promise((resolve) => server.close(resolve))
  }
}

module.exports = { CHECKS }
