import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from '../support/deadline.mjs'
import { serve, TRANSPORTS } from '../support/server.mjs'
import { PageSocket } from './page.mjs'
import { lose, open, update } from './proxied-page.mjs'

for (const { transport } of TRANSPORTS) {
  describe(`a page that comes back (${transport})`, () => {
    it('gets what it missed and says what it wanted to say, without an event', async (t) => {
      const setup = await open(t, { options: { transport } })
      const heard = []
      setup.ws.on('up', (data) => heard.push(data))
      setup.page.emit('up', 1)
      await until(() => heard.length === 1, 'the first message')
      await lose(setup)
      setup.page.emit('up', 2)
      setup.ws.send(update(1))
      setup.ws.send(update(2))
      setup.proxy.restore()
      await until(() => setup.page.messages.length === 2 && heard.length === 2, 'both ways')
      setup.ws.send(update(3))
      await until(() => setup.page.messages.length === 3, 'what comes after')
      const numbers = setup.page.messages.map((text) => JSON.parse(text).updates[0])
      assert.deepEqual(
        [numbers, heard],
        [
          [1, 2, 3],
          [1, 2],
        ],
      )
      assert.deepEqual(setup.page.events, ['open'])
      assert.deepEqual(setup.page.lines, [
        '[vite-native-ws] connection lost; the page is kept while it reconnects',
        '[vite-native-ws] reconnected; 2 messages that it missed follow',
      ])
    })

    it('gets the custom events that it missed, in order', async (t) => {
      const setup = await open(t, { options: { transport } })
      const [client] = setup.ws.clients
      await lose(setup)
      setup.ws.send('said:meanwhile', 1)
      setup.ws.send(update(1))
      client.send('said:alone', 2)
      setup.ws.send('said:meanwhile', 3)
      setup.proxy.restore()
      await until(() => setup.page.messages.length === 4, 'all of it')
      const said = (event, data) => ({ type: 'custom', event, data })
      assert.deepEqual(setup.page.payloads, [
        said('said:meanwhile', 1),
        update(1),
        said('said:alone', 2),
        said('said:meanwhile', 3),
      ])
      assert.deepEqual(setup.page.events, ['open'])
    })

    it('closes when it missed a custom event, if the option says so', async (t) => {
      const sendings = [(ws) => ws.send('said', 1), (_, client) => client.send('said', 1)]
      for (const send of sendings) {
        const setup = await open(t, { options: { transport, reconnect: { customEvents: false } } })
        const [client] = setup.ws.clients
        await lose(setup)
        send(setup.ws, client)
        setup.proxy.restore()
        await setup.page.closed
        assert.deepEqual(setup.page.messages, [])
        assert.match(setup.page.lines.at(-1), /given up: what it missed is not kept/)
      }
    })

    it('comes back when it missed none, if the option says so', async (t) => {
      const setup = await open(t, { options: { transport, reconnect: { customEvents: false } } })
      setup.ws.send('said', 1)
      await until(() => setup.page.messages.length === 1, 'the event')
      await lose(setup)
      setup.ws.send(update(1))
      setup.proxy.restore()
      await until(() => setup.page.messages.length === 2, 'the update')
    })

    it('closes when it missed a raw message, and not when it had it', async (t) => {
      const setup = await open(t, { options: { transport } })
      const [client] = setup.ws.clients
      client.socket.send('raw')
      await until(() => setup.page.messages.length === 1, 'the raw message')
      await lose(setup)
      setup.proxy.restore()
      await until(() => setup.page.lines.length === 2, 'the return')
      for (const link of setup.proxy.links) link.fail('hang')
      client.socket.send('raw')
      setup.page.environment.dispatchEvent(new Event('online'))
      await setup.page.closed
      assert.match(setup.page.lines.at(-1), /it missed a raw message/)
    })

    it('gets nothing that was sent to another page', async (t) => {
      const setup = await open(t, { options: { transport } })
      const [mine] = setup.ws.clients
      const other = new PageSocket(`ws://127.0.0.1:${setup.port}/`)
      t.after(() => other.socket.close())
      await until(() => other.messages.length > 0, 'the other page')
      const [theirs] = [...setup.ws.clients].filter((client) => client !== mine)
      await lose(setup)
      theirs.send(update('theirs'))
      setup.ws.send(update('all'))
      setup.proxy.restore()
      await until(() => setup.page.messages.length > 0, 'the update')
      assert.deepEqual(JSON.parse(setup.page.messages[0]).updates, ['all'])
      assert.equal(other.messages.length, 3)
    })

    it('is sent JSON objects alone, and raw messages as they are', async (t) => {
      const setup = await open(t, { options: { transport } })
      const [client] = setup.ws.clients
      const frames = []
      setup.page.socket._native.socket.on('message', (data) => frames.push(String(data)))
      setup.ws.send(update(1))
      setup.ws.send({})
      client.send('alone', 1)
      client.socket.send('{"n":1} and more')
      await until(() => setup.page.messages.length === 4, 'all of it')
      assert.deepEqual(frames, [
        '{"vite-native-ws":1,"type":"update","updates":[1]}',
        '{"vite-native-ws":2}',
        '{"vite-native-ws":3,"type":"custom","event":"alone","data":1}',
        '{"n":1} and more',
      ])
      assert.deepEqual(setup.page.messages, frames)
    })

    it('says what it says as it is, in text and in binary', async (t) => {
      const setup = await open(t, { options: { transport } })
      const [client] = setup.ws.clients
      const heard = []
      client.socket.on('message', (data, isBinary) => heard.push([String(data), isBinary]))
      setup.page.socket.send('\u0001?')
      setup.page.socket.send(new Uint8Array([1, 63]).buffer)
      await until(() => heard.length === 2, 'both')
      assert.deepEqual(heard, [
        ['\u0001?', false],
        ['\u0001?', true],
      ])
    })

    it('sends bytes as they were when it sent them', async (t) => {
      const setup = await open(t, { options: { transport } })
      const heard = []
      setup.ws.on('up', (data) => heard.push(data))
      await lose(setup)
      const bytes = new TextEncoder().encode('#{"type":"custom","event":"up","data":1}#')
      setup.page.socket.send(bytes.subarray(1, -1))
      bytes.fill(0)
      setup.proxy.restore()
      await until(() => heard.length === 1, 'the message')
    })

    it('closes as if nothing were between when the server is another one', async (t) => {
      const setup = await open(t, { options: { transport } })
      const other = await serve(t, { options: { transport } })
      setup.proxy.target = other.port
      for (const link of setup.proxy.links) link.reset()
      const event = await setup.page.closed
      assert.deepEqual([event.code, event.reason, event.wasClean], [1006, '', false])
      assert.deepEqual(setup.page.events, ['open', 'close'])
      assert.equal(setup.page.socket.readyState, setup.page.socket.CLOSED)
    })

    it('closes when what it missed is too much, too large or too long ago', async (t) => {
      const bounds = [{ maxMessages: 2 }, { maxBytes: 100 }, { maxAge: 1 }]
      for (const reconnect of bounds) {
        const setup = await open(t, { options: { transport, reconnect } })
        await lose(setup)
        for (const number of [1, 2, 3]) setup.ws.send(update(`${number}`.repeat(40)))
        await new Promise((resolve) => setTimeout(resolve, 20))
        setup.proxy.restore()
        await setup.page.closed
        assert.deepEqual(setup.page.messages, [], JSON.stringify(reconnect))
      }
    })

    it('is left alone by a server with `reconnect: false`', async (t) => {
      const setup = await open(t, { options: { transport, reconnect: false } })
      const [client] = setup.ws.clients
      client.socket.send('raw')
      await until(() => setup.page.messages.length === 1, 'the raw message')
      assert.deepEqual(setup.page.messages, ['raw'])
      setup.proxy.cut()
      const { code, wasClean } = await setup.page.closed
      assert.deepEqual([code, wasClean, setup.page.lines], [1006, false, []])
    })
  })
}
