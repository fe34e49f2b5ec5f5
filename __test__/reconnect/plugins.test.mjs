// What plugins have of a page that comes back: its client, and their listeners.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Client } from '../support/client.mjs'
import { until } from '../support/deadline.mjs'
import { TRANSPORTS } from '../support/server.mjs'
import { lose, open } from './proxied-page.mjs'

const CLOSED = 3

/** Listens once for each client, until its socket closes, as vite-dev-rpc 2 does. */
function rpc(ws) {
  const known = new WeakSet()
  const heard = []
  ws.on('connection', () => {
    for (const client of ws.clients) {
      if (known.has(client)) continue
      known.add(client)
      const listener = (data, sender) => {
        if (sender === client) heard.push(data)
      }
      ws.on('rpc', listener)
      client.socket.on('close', () => ws.off('rpc', listener))
    }
  })
  return heard
}

for (const { transport } of TRANSPORTS) {
  describe(`plugins and a page that comes back (${transport})`, () => {
    for (const isLate of [false, true]) {
      it(`keep their listeners when the loss is noticed ${isLate ? 'after' : 'before'} the return`, async (t) => {
        let heard
        const onServe = (ws) => {
          heard = rpc(ws)
        }
        const setup = await open(t, { options: { transport }, onServe })
        const { page, proxy, ws } = setup
        page.emit('rpc', 'first')
        await until(() => heard.length === 1, 'the first call')
        const [client] = ws.clients
        const first = client.socket
        if (isLate) {
          for (const link of proxy.links) link.fail('hang')
          page.environment.dispatchEvent(new Event('online'))
        } else {
          await lose(setup)
          await until(() => first.readyState === CLOSED, 'the server to notice')
          proxy.restore()
        }
        await until(() => client.socket !== first && first.readyState === CLOSED, 'the return')
        page.emit('rpc', 'second')
        await until(() => heard.length === 2, 'the second call')
        assert.deepEqual(heard, ['first', 'second'])
      })
    }

    it('are not told that a page left that took its connection for lost', async (t) => {
      const { page, proxy, ws } = await open(t, { options: { transport } })
      const gone = []
      ws.on('vite:client:disconnect', () => gone.push('gone'))
      const [client] = ws.clients
      const first = client.socket
      // The way to the server heals, so that its close frame arrives.
      proxy.isDown = true
      page.socket._lose()
      await until(() => first.readyState === CLOSED, 'the end of the connection')
      client.send('answer', 1)
      proxy.restore()
      await until(() => page.messages.length === 1, 'the answer')
      assert.deepEqual(page.payloads, [{ type: 'custom', event: 'answer', data: 1 }])
      assert.deepEqual([[...ws.clients], gone], [[client], []])
    })

    it('may send a raw message to one that is away: it reloads', async (t) => {
      const setup = await open(t, { options: { transport } })
      const [client] = setup.ws.clients
      await lose(setup)
      await until(() => client.socket.readyState === CLOSED, 'the server to notice')
      client.socket.send('raw')
      setup.proxy.restore()
      await setup.page.closed
      assert.match(setup.page.lines.at(-1), /it missed a raw message/)
    })

    it('may send one to the former socket of one that is back: it reloads', async (t) => {
      const setup = await open(t, { options: { transport } })
      const [client] = setup.ws.clients
      const former = client.socket
      await lose(setup)
      setup.proxy.restore()
      await until(() => setup.page.lines.length === 2, 'the return')
      client.send('answer', 1)
      await until(() => setup.page.messages.length === 1, 'the answer')
      former.send('raw')
      const { code, reason } = await setup.page.closed
      assert.deepEqual([code, reason], [4001, 'it missed a raw message'])
    })

    it('have it reload once when a reload was kept for it', async (t) => {
      const setup = await open(t, { options: { transport, reconnect: { maxMessages: 2 } } })
      await lose(setup)
      await until(() => setup.ws.stats().clients === 0, 'the server to notice')
      for (const event of ['one', 'two', 'three']) setup.ws.send(event)
      setup.ws.send({ type: 'full-reload' })
      setup.proxy.restore()
      await setup.page.closed
      const reloaded = await Client.connect(setup.port)
      setup.ws.send('next')
      assert.equal((await reloaded.next()).event, 'next')
    })
  })
}
