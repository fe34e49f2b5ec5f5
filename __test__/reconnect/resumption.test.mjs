import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from '../support/deadline.mjs'
import { serve, TRANSPORTS } from '../support/server.mjs'
import { PageSocket } from './page.mjs'
import { lose, open, update } from './stand.mjs'

for (const { transport } of TRANSPORTS) {
  describe(`a page that comes back (${transport})`, () => {
    it('gets what it missed and says what it wanted to say, without an event', async (t) => {
      const stand = await open(t, { options: { transport } })
      const heard = []
      stand.ws.on('up', (data) => heard.push(data))
      stand.page.emit('up', 1)
      await until(() => heard.length === 1, 'the first message')
      await lose(stand)
      stand.page.emit('up', 2)
      stand.ws.send(update(1))
      stand.ws.send(update(2))
      stand.proxy.restore()
      await until(() => stand.page.messages.length === 2 && heard.length === 2, 'both ways')
      stand.ws.send(update(3))
      await until(() => stand.page.messages.length === 3, 'what comes after')
      const numbers = stand.page.messages.map((text) => JSON.parse(text).updates[0])
      assert.deepEqual(
        [numbers, heard],
        [
          [1, 2, 3],
          [1, 2],
        ],
      )
      assert.deepEqual(stand.page.events, ['open'])
      assert.deepEqual(stand.page.lines, [
        '[vite-native-ws] connection lost; the page is kept while it reconnects',
        '[vite-native-ws] reconnected',
      ])
    })

    it('gets the custom events that it missed only if the option says so', async (t) => {
      for (const customEvents of [false, true]) {
        const stand = await open(t, { options: { transport, reconnect: { customEvents } } })
        await lose(stand)
        stand.ws.send('said:meanwhile', 1)
        stand.ws.send(update(1))
        stand.proxy.restore()
        await until(() => stand.page.messages.at(-1)?.includes('update'), 'the update')
        assert.equal(stand.page.messages.length, customEvents ? 2 : 1)
      }
    })

    it('gets nothing that was sent to another page', async (t) => {
      const stand = await open(t, { options: { transport } })
      const [mine] = stand.ws.clients
      const other = new PageSocket(`ws://127.0.0.1:${stand.port}/`)
      t.after(() => other.socket.close())
      await until(() => other.messages.length > 0, 'the other page')
      const [theirs] = [...stand.ws.clients].filter((client) => client !== mine)
      await lose(stand)
      theirs.send(update('theirs'))
      stand.ws.send(update('all'))
      stand.proxy.restore()
      await until(() => stand.page.messages.length > 0, 'the update')
      assert.deepEqual(JSON.parse(stand.page.messages[0]).updates, ['all'])
      assert.equal(other.messages.length, 3)
    })

    it('carries text that begins like a number, both ways and over a cut', async (t) => {
      const stand = await open(t, { options: { transport } })
      const [client] = stand.ws.clients
      const heard = []
      client.socket.on('message', (data, isBinary) => heard.push([String(data), isBinary]))
      client.socket.send('\u00011 raw')
      client.socket.send('\u0001')
      await until(() => stand.page.messages.length === 2, 'the raw messages')
      assert.deepEqual(stand.page.messages, ['\u00011 raw', '\u0001'])
      stand.page.socket.send('\u0001?')
      stand.page.socket.send(new Uint8Array([1, 63]).buffer)
      await until(() => heard.length === 2, 'both')
      assert.deepEqual(heard, [
        ['\u0001?', false],
        ['\u0001?', true],
      ])
    })

    it('sends bytes as they were when it sent them', async (t) => {
      const stand = await open(t, { options: { transport } })
      const heard = []
      stand.ws.on('up', (data) => heard.push(data))
      await lose(stand)
      const bytes = new TextEncoder().encode('#{"type":"custom","event":"up","data":1}#')
      stand.page.socket.send(bytes.subarray(1, -1))
      bytes.fill(0)
      stand.proxy.restore()
      await until(() => heard.length === 1, 'the message')
    })

    it('closes as if nothing were between when the server is another one', async (t) => {
      const stand = await open(t, { options: { transport } })
      const other = await serve(t, { options: { transport } })
      stand.proxy.target = other.port
      for (const link of stand.proxy.links) link.reset()
      const event = await stand.page.closed
      assert.deepEqual([event.code, event.reason, event.wasClean], [1006, '', false])
      assert.deepEqual(stand.page.events, ['open', 'close'])
      assert.equal(stand.page.socket.readyState, stand.page.socket.CLOSED)
    })

    it('closes when what it missed is too much, too large or too long ago', async (t) => {
      const bounds = [{ maxMessages: 2 }, { maxBytes: 100 }, { maxAge: 1 }]
      for (const reconnect of bounds) {
        const stand = await open(t, { options: { transport, reconnect } })
        await lose(stand)
        for (const number of [1, 2, 3]) stand.ws.send(update(`${number}`.repeat(40)))
        await new Promise((resolve) => setTimeout(resolve, 20))
        stand.proxy.restore()
        await stand.page.closed
        assert.deepEqual(stand.page.messages, [], JSON.stringify(reconnect))
      }
    })

    it('is left alone by a server with `reconnect: false`', async (t) => {
      const stand = await open(t, { options: { transport, reconnect: false } })
      const [client] = stand.ws.clients
      client.socket.send('\u00011 raw')
      await until(() => stand.page.messages.length === 1, 'the raw message')
      assert.deepEqual(stand.page.messages, ['\u00011 raw'])
      stand.proxy.cut()
      const { code, wasClean } = await stand.page.closed
      assert.deepEqual([code, wasClean, stand.page.lines], [1006, false, []])
    })
  })
}
