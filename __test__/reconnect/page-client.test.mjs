// A client is a page: what plugins see of one that loses its connection and comes back.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Client } from '../support/client.mjs'
import { until } from '../support/deadline.mjs'
import { TRANSPORTS } from '../support/server.mjs'
import { PageSocket, settingsOf } from './page.mjs'
import { lose, open, update } from './proxied-page.mjs'

/** Notes what plugins are told, in order. */
function watch(ws) {
  const told = []
  ws.on('vite:client:connect', (_, client) => told.push(['connect', client]))
  ws.on('vite:client:disconnect', (_, client) => told.push(['disconnect', client]))
  ws.on('connection', (socket) => told.push(['connection', socket]))
  return told
}

const names = (told) => told.map(([name]) => name)

for (const { transport } of TRANSPORTS) {
  describe(`a page that is away (${transport})`, () => {
    const options = { transport }

    it('is the same client before, in between and after', async (t) => {
      const told = []
      const setup = await open(t, { options, onServe: (ws) => told.push(watch(ws)) })
      const [seen] = told
      const [client] = setup.ws.clients
      const first = client.socket
      await lose(setup)
      await until(() => client.socket.readyState === client.socket.CLOSED, 'the server to notice')
      assert.deepEqual([...setup.ws.clients], [client])
      assert.equal(client.socket, first)
      setup.proxy.restore()
      await until(() => setup.page.lines.length === 2, 'the return')
      assert.deepEqual([...setup.ws.clients], [client])
      assert.notEqual(client.socket, first)
      assert.equal(client.socket.readyState, client.socket.OPEN)
      const sources = []
      setup.ws.on('up', (_, source) => sources.push(source))
      setup.page.emit('up', 1)
      await until(() => sources.length === 1, 'a message')
      assert.equal(sources[0], client)
      assert.deepEqual(seen, [
        ['connect', client],
        ['connection', first],
        ['connection', client.socket],
      ])
    })

    it('gets what it alone was sent, among what all were, in order', async (t) => {
      const setup = await open(t, { options })
      const [client] = setup.ws.clients
      await lose(setup)
      for (let number = 1; number <= 300; number++) {
        if (number % 3 === 0) setup.ws.send('said', number)
        else client.send('said', number)
      }
      setup.proxy.restore()
      await until(() => setup.page.messages.length === 300, 'all of it')
      const numbers = setup.page.payloads.map(({ data }) => data)
      assert.deepEqual(
        numbers,
        Array.from({ length: 300 }, (_, place) => place + 1),
      )
    })

    it('gets the answer to what it asked before', async (t) => {
      const setup = await open(t, { options })
      let answer
      const asked = new Promise((resolve) => {
        const fetchModule = () => {
          resolve()
          return new Promise((answered) => {
            answer = answered
          })
        }
        setup.ws.setInvokeHandler({ fetchModule })
      })
      setup.page.emit('vite:invoke', { name: 'fetchModule', id: 'send:1', data: [] })
      await asked
      await lose(setup)
      await until(() => setup.ws.stats().clients === 0, 'the server to notice')
      answer('here')
      await new Promise(setImmediate)
      setup.proxy.restore()
      await until(() => setup.page.messages.length === 1, 'the answer')
      assert.deepEqual(setup.page.payloads[0].data, {
        name: 'fetchModule',
        id: 'response:1',
        data: { result: 'here' },
      })
    })
  })
}

describe('a page that does not come back', () => {
  it('has left when it was away for too long, once', async (t) => {
    let told
    const setup = await open(t, {
      options: { reconnect: { maxAge: 100 } },
      onServe: (ws) => {
        told = watch(ws)
      },
    })
    const [client] = setup.ws.clients
    await lose(setup)
    await until(() => setup.ws.clients.size === 0, 'it to be given up')
    assert.deepEqual(told.at(-1), ['disconnect', client])
    client.send('said', 1)
    setup.proxy.restore()
    await setup.page.closed
    assert.match(setup.page.lines.at(-1), /given up: it was away for too long/)
    assert.deepEqual(names(told), ['connect', 'connection', 'disconnect'])
  })

  it('has left when it says so', async (t) => {
    let told
    const setup = await open(t, {
      onServe: (ws) => {
        told = watch(ws)
      },
    })
    setup.page.socket.close(3000, 'done')
    await until(() => setup.ws.clients.size === 0, 'the end')
    assert.deepEqual(names(told), ['connect', 'connection', 'disconnect'])
  })

  it('has left when the server closes, away or not', async (t) => {
    let told
    const setup = await open(t, {
      onServe: (ws) => {
        told = watch(ws)
      },
    })
    const other = new PageSocket(`ws://127.0.0.1:${setup.port}/`)
    t.after(() => other.socket.close())
    await until(() => other.isWelcome, 'the other page')
    await lose(setup)
    await until(() => setup.ws.stats().clients === 1, 'the server to notice')
    await setup.close()
    assert.deepEqual(names(told).filter((name) => name === 'disconnect').length, 2)
  })

  it('is one of a thousand at most', async (t) => {
    const setup = await open(t)
    const [first] = setup.ws.clients
    await lose(setup)
    await until(() => setup.ws.stats().clients === 0, 'the server to notice')
    const left = []
    setup.ws.on('vite:client:disconnect', (_, client) => left.push(client))
    for (let number = 0; number < 1_000; number++) {
      const client = await visit(setup.port)
      client.socket.terminate()
    }
    await until(() => left.length === 1, 'the first to be given up')
    assert.deepEqual(left, [first])
    assert.equal(setup.ws.clients.size, 1_000)
  })
})

describe('a page from the back/forward cache', () => {
  it('is a new client, which has missed nothing', async (t) => {
    let told
    const setup = await open(t, {
      onServe: (ws) => {
        told = watch(ws)
      },
    })
    const client = await visit(setup.port)
    const { session, client: key, seq } = client.welcome
    const before = [...setup.ws.clients].at(-1)
    client.socket.close(1001)
    await until(() => names(told).includes('disconnect'), 'it to leave')
    setup.ws.send(update(1))
    const ticket = `${session}.${key}.${seq}.${seq}.0`
    const back = new Client(`ws://127.0.0.1:${setup.port}/?vite-native-ws=${ticket}`)
    t.after(() => back.socket.terminate())
    assert.match(await back.text(), /vite-native-ws:welcome.*"missed":1/)
    assert.match(await back.text(), /"updates":\[1\]/)
    const now = [...setup.ws.clients].at(-1)
    assert.notEqual(now, before)
    assert.deepEqual(names(told).slice(-3), ['disconnect', 'connect', 'connection'])
    assert.equal(told.at(-2)[1], now)
  })
})

describe('what nobody is there for', () => {
  it('is kept for a new tab although a page is away, and that gets it as well', async (t) => {
    const setup = await open(t)
    await lose(setup)
    await until(() => setup.ws.stats().clients === 0, 'the server to notice')
    const error = { type: 'error', err: { message: 'broken', stack: '' } }
    setup.ws.send(error)
    const tab = new Client(`ws://127.0.0.1:${setup.port}/`)
    t.after(() => tab.socket.terminate())
    assert.equal(await tab.text(), '{"type":"connected"}')
    assert.deepEqual(JSON.parse(await tab.text()), error)
    setup.proxy.restore()
    await until(() => setup.page.messages.length === 1, 'the error')
    assert.deepEqual(setup.page.payloads, [error])
  })

  it('is no place that a page takes from another', async (t) => {
    const setup = await open(t, { options: { maxClients: 1 } })
    await lose(setup)
    await until(() => setup.ws.stats().clients === 0, 'the server to notice')
    const tab = new Client(`ws://127.0.0.1:${setup.port}/`)
    assert.equal(await tab.text(), '{"type":"connected"}')
    tab.socket.terminate()
  })
})

describe('a page that was reloaded since it could not go on', () => {
  it('is sent the error that others show, and no other page is', async (t) => {
    const setup = await open(t)
    const { hello, helloAgain } = settingsOf('socket').texts
    const error = { type: 'error', err: { message: 'broken', stack: '' } }
    const visitWith = async (text) => {
      const client = await Client.connect(setup.port)
      t.after(() => client.socket.terminate())
      client.socket.send(text)
      await client.text()
      setup.ws.send('mark')
      return JSON.parse(await client.text()).type
    }
    assert.equal(await visitWith(helloAgain), 'custom')
    setup.ws.send(error)
    assert.equal(await visitWith(hello), 'custom')
    assert.equal(await visitWith(helloAgain), 'error')
    setup.ws.send(update(1))
    assert.equal(await visitWith(helloAgain), 'custom')
  })
})

describe('listeners that a plugin takes off when a socket closes', () => {
  /** As vite-dev-rpc 2 does: once for a client, whatever its sockets. */
  function listenOnce(ws, heard) {
    const known = new WeakSet()
    ws.on('connection', () => {
      for (const client of ws.clients) {
        if (known.has(client)) continue
        known.add(client)
        const listener = (data, source) => source.socket === client.socket && heard.push(data)
        ws.on('up', listener)
        client.socket.on('close', () => ws.off('up', listener))
      }
    })
  }

  /** A socket at a time. */
  function listenAlways(ws, heard) {
    ws.on('connection', (socket) => {
      const listener = (data) => heard.push(data)
      ws.on('up', listener)
      socket.on('close', () => ws.off('up', listener))
    })
  }

  for (const listen of [listenOnce, listenAlways]) {
    it(`are there when its page is back, once (${listen.name})`, async (t) => {
      const heard = []
      const setup = await open(t, { onServe: (ws) => listen(ws, heard) })
      await lose(setup)
      await until(() => setup.ws.stats().clients === 0, 'the server to notice')
      setup.page.emit('up', 1)
      setup.proxy.restore()
      await until(() => heard.length > 0, 'the message')
      setup.page.emit('up', 2)
      await until(() => heard.includes(2), 'the next')
      assert.deepEqual(heard, [1, 2])
    })
  }
})

/** A page that has been welcomed, over a bare socket. */
async function visit(port) {
  const client = new Client(`ws://127.0.0.1:${port}/`)
  await client.text()
  client.socket.send(settingsOf('socket').texts.hello)
  client.welcome = JSON.parse(await client.text()).data
  return client
}
