// What stands between a page and its server: relays that accept for a server that is not there,
// proxies that let HTTP through alone, and stand-ins for the browser's socket.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import WebSocket, { WebSocketServer } from 'ws'
import { until } from '../support/deadline.mjs'
import { serve } from '../support/server.mjs'
import { browserEnvironment, PageSocket } from './page.mjs'
import { CONNECTED, open, update } from './proxied-page.mjs'
import { openRefusingServer } from './refusing-server.mjs'

/** Accepts, and then looks for its server; closes as it is told when there is none. */
async function openRelay(t, target, code) {
  const relay = { target, attempts: 0, sockets: new Set() }
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.after(() => server.close())
  server.on('connection', (socket, request) => {
    relay.attempts += 1
    const waiting = []
    const up = new WebSocket(`ws://127.0.0.1:${relay.target}${request.url}`, socket.protocol)
    const end = () => socket.close(code)
    up.on('error', () => {})
    up.on('close', end)
    up.on('open', () => {
      for (const data of waiting.splice(0)) up.send(data)
    })
    up.on('message', (data) => socket.send(String(data)))
    socket.on('message', (data) => {
      if (up.readyState === WebSocket.OPEN) up.send(String(data))
      else waiting.push(String(data))
    })
    socket.on('close', () => up.terminate())
    relay.sockets.add(up)
  })
  await once(server, 'listening')
  relay.port = server.address().port
  return relay
}

/** What the page asks for the code of Vite's client. */
const client = (token) => async () => ({
  ok: true,
  text: async () => `const wsToken = "${token}"; "vite-hmr"`,
})

for (const code of [undefined, 1000, 1011]) {
  describe(`behind a relay that closes with ${code ?? 'no code'}, a page`, () => {
    async function behind(t, fetch) {
      const { ws, port } = await serve(t)
      const relay = await openRelay(t, port, code)
      const environment = browserEnvironment({ fetch })
      const url = `ws://127.0.0.1:${relay.port}/?token=mine`
      const page = new PageSocket(url, { environment, source: 'http://x/@vite/client' })
      t.after(() => page.socket.close())
      await until(() => page.isWelcome, 'the welcome')
      assert.deepEqual(page.messages.splice(0), [CONNECTED])
      return { ws, port, relay, page }
    }

    function goDown({ relay }) {
      relay.target = 1
      for (const up of relay.sockets) up.terminate()
    }

    it('waits for its server, and comes back', async (t) => {
      const setup = await behind(t, client('mine'))
      goDown(setup)
      await until(() => setup.relay.attempts > 5, 'attempts')
      setup.ws.send(update(1))
      setup.relay.target = setup.port
      await until(() => setup.page.messages.length === 1, 'the update')
      assert.deepEqual(setup.page.events, ['open'])
    })

    it('gives up when another server has come', async (t) => {
      let token = 'mine'
      const setup = await behind(t, () => client(token)())
      goDown(setup)
      await until(() => setup.relay.attempts > 5, 'attempts')
      assert.deepEqual(setup.page.events, ['open'])
      token = 'another'
      await setup.page.closed
      assert.match(setup.page.lines.at(-1), /given up: the dev server was restarted/)
    })
  })
}

describe('behind a proxy that lets HTTP through and no WebSocket, a page', () => {
  async function refused(t, settings) {
    const place = { token: 'mine' }
    const environment = browserEnvironment({ fetch: () => client(place.token)() })
    const search = '?token=mine'
    const setup = await open(t, { settings, environment, search, source: 'http://x/@vite/client' })
    const refusing = await openRefusingServer(t)
    const { target } = setup.proxy
    const turn = (port) => {
      setup.proxy.target = port
      for (const link of setup.proxy.links) link.reset()
    }
    turn(refusing.port)
    await until(() => refusing.attempts > 8, 'attempts')
    assert.deepEqual(setup.page.events, ['open'])
    return { ...setup, place, comesBack: () => turn(target) }
  }

  // Vite 5 has no ping by a socket.
  for (const ping of ['socket', 'fetch']) {
    it(`waits for its server, and comes back (${ping})`, async (t) => {
      const { ws, page, comesBack } = await refused(t, { ping })
      ws.send(update(1))
      comesBack()
      await until(() => page.messages.length === 1, 'the update')
      assert.deepEqual(page.events, ['open'])
    })

    it(`gives up when another server has come (${ping})`, async (t) => {
      const { page, place } = await refused(t, { ping })
      place.token = 'another'
      await page.closed
      assert.match(page.lines.at(-1), /given up: the dev server was restarted/)
    })
  }
})

/** Stand-ins that know one of the ways in which a browser's socket is heard. */
const standIns = {
  'that only call handlers': (Native) =>
    class extends Native {
      addEventListener() {}
      set onmessage(handler) {
        this.on('message', (data) => handler?.({ data: String(data) }))
      }
      set onopen(handler) {
        this.on('open', () => handler?.({}))
      }
      set onclose(handler) {
        this.on('close', (code, reason) =>
          handler?.({ code, reason: String(reason), wasClean: true }),
        )
      }
    },
  'that only dispatch events': (Native) =>
    class extends Native {
      set onmessage(_) {}
      set onopen(_) {}
      set onclose(_) {}
    },
  'that call handlers and dispatch other events': (Native) =>
    class extends Native {
      set onmessage(handler) {
        this.on('message', (data) => handler?.({ data: String(data) }))
      }
    },
}

describe('a page with stand-ins for the browser’s socket', () => {
  for (const [what, make] of Object.entries(standIns)) {
    it(`${what} hears everything once, and comes back`, async (t) => {
      const { ws, port } = await serve(t)
      const environment = browserEnvironment()
      environment.WebSocket = make(environment.WebSocket)
      const page = new PageSocket(`ws://127.0.0.1:${port}/`, { environment })
      t.after(() => page.socket.close())
      await until(() => page.isWelcome, 'the welcome')
      ws.send(update(1))
      await until(() => page.messages.length === 2, 'the update')
      for (const { socket } of ws.clients) socket.terminate()
      ws.send(update(2))
      await until(() => page.messages.length === 3, 'the next')
      await delay(20)
      assert.equal(page.messages.length, 3)
      assert.deepEqual(page.events, ['open'])
    })
  }
})
