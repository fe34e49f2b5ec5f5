import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Child } from '../support/child.mjs'
import { Client } from '../support/client.mjs'
import { until, within } from '../support/deadline.mjs'
import { eventFrame } from '../support/frame.mjs'
import { REQUEST } from '../support/raw-client.mjs'
import { RawSocket } from '../support/raw-socket.mjs'
import { serve, TRANSPORTS } from '../support/server.mjs'

const eventText = (event, data) => JSON.stringify({ type: 'custom', event, data })

for (const { transport, counted } of TRANSPORTS) {
  const on = (name) => `${name} (${counted})`
  const options = { transport }

  test(on('a client gets "connected" first, then broadcasts in order'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const client = await Client.connect(port)
    for (let number = 0; number < 1000; number++) ws.send('tick', { number })
    for (let number = 0; number < 1000; number++) {
      assert.deepEqual(await client.next(), { type: 'custom', event: 'tick', data: { number } })
    }
    const stats = ws.stats()
    assert.equal(stats.engine, 'native')
    assert.equal(stats.clients, 1)
    assert.equal(stats[counted], 1)
    assert.equal(stats.adopted + stats.bridged, 1)
  })

  test(on('a paused socket holds custom events back, in their place among raw ones'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const heard = []
    ws.on('connection', (socket) => {
      socket.on('message', (data) => heard.push(`raw ${JSON.parse(data).data}`))
    })
    ws.on('say', (data, client) => {
      heard.push(`custom ${data}`)
      if (data === 1) client.socket.pause()
    })
    const [one, other] = [await Client.connect(port), await Client.connect(port)]
    const [first] = ws.clients
    for (const data of [1, 2]) one.socket.send(eventText('say', data))
    await until(() => heard.length === 2, 'the first message')
    other.socket.send(eventText('say', 3))
    await until(() => heard.includes('raw 3'), 'the other client')
    first.socket.resume()
    await until(() => heard.length === 6, 'the rest')
    const all = [1, 3, 2].flatMap((data) => [`custom ${data}`, `raw ${data}`])
    assert.deepEqual(heard, all)
  })

  test(on('a custom event reaches its listeners with the client that sent it'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const [one, other] = [await Client.connect(port), await Client.connect(port)]
    const seen = []
    ws.on('ask', (data, client) => {
      seen.push(client)
      client.send('answer', data)
    })
    one.emit('ask', 1)
    assert.deepEqual(await one.next(), { type: 'custom', event: 'answer', data: 1 })
    one.emit('ask', 2)
    assert.deepEqual((await one.next()).data, 2)
    assert.equal(seen[0], seen[1], 'the client is the same object each time')
    assert.ok(ws.clients.has(seen[0]))
    assert.notEqual(ws.clients, ws.clients, 'the set is a new one each time')
    assert.deepEqual(other.unread, [])
  })

  test(on('order holds among broadcasts, single and raw messages'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const client = await Client.connect(port)
    const [peer] = ws.clients
    for (let number = 0; number < 900; number += 3) {
      ws.send('n', number)
      peer.send('n', number + 1)
      peer.socket.send(JSON.stringify({ type: 'custom', event: 'n', data: number + 2 }))
    }
    for (let number = 0; number < 900; number++) assert.equal((await client.next()).data, number)
  })

  test(on('connect and disconnect events frame a client'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const log = []
    ws.on('vite:client:connect', (data, client) => {
      log.push(['connect', data, ws.clients.has(client), client])
      client.send('early')
    })
    ws.on('vite:client:disconnect', (data, client) => {
      log.push(['disconnect', data, ws.clients.has(client), client])
    })
    const client = new Client(`ws://127.0.0.1:${port}`)
    assert.equal((await client.next()).event, 'early')
    assert.equal((await client.next()).type, 'connected')
    client.socket.close(4001, 'bye')
    await until(() => log.length === 2, 'the disconnect event')
    assert.deepEqual(log[0].slice(0, 3), ['connect', undefined, true])
    assert.deepEqual(log[1].slice(0, 3), ['disconnect', undefined, false])
    assert.equal(log[0][3], log[1][3])
    assert.deepEqual(await client.closed, { code: 4001, reason: 'bye' })
  })

  test(on('the raw socket speaks the language of ws'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const connected = new Promise((resolve) => {
      ws.on('connection', (socket, request) => resolve({ socket, request }))
    })
    const client = await Client.connect(port, '/?from=test')
    const { socket, request } = await connected
    assert.equal(request.url, '/?from=test')
    assert.equal(socket.readyState, socket.OPEN)
    assert.equal(socket.protocol, 'vite-hmr')
    const message = new Promise((resolve) => socket.once('message', (...args) => resolve(args)))
    client.socket.send('not JSON')
    assert.deepEqual(await message, [Buffer.from('not JSON'), false])
    const pong = new Promise((resolve) => socket.once('pong', resolve))
    socket.ping('hello')
    assert.deepEqual(await pong, Buffer.from('hello'))
    const closed = new Promise((resolve) => socket.on('close', (...args) => resolve(args)))
    client.socket.close(4002, 'later')
    assert.deepEqual(await closed, [4002, Buffer.from('later')])
    assert.equal(socket.readyState, socket.CLOSED)
  })

  test(on('large messages pass both ways'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const client = await Client.connect(port)
    ws.on('echo', (data, peer) => peer.send('echo', data))
    const large = 'é'.repeat(3 * 1024 * 1024)
    client.emit('echo', large)
    assert.equal((await client.next()).data, large)
  })

  test(on('messages that wait together are told apart, whatever they are made of'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const [one, other, leaving] = await Promise.all([1, 2, 3].map(() => Client.connect(port)))
    const texts = [
      '',
      'a',
      'é',
      '漢字',
      '🦀',
      '\ud83e',
      '\u0000',
      'x'.repeat(5000),
      '漢'.repeat(2000),
    ]
    const heard = []
    ws.on('say', (data) => heard.push(data))
    leaving.emit('say', '🦀'.repeat(9))
    leaving.socket.terminate()
    for (let round = 0; round < 30; round++) {
      for (const [place, text] of texts.entries()) one.emit('say', [round, place, text])
      other.emit('say', 'é')
      other.socket.send(Buffer.from('{"type":"custom","event":"say","data":"\xff"}', 'latin1'))
    }
    const count = () => heard.filter(Array.isArray).length
    await until(() => count() === 30 * texts.length, 'the last message')
    const ours = heard.filter(Array.isArray)
    for (const [number, [round, place, text]] of ours.entries()) {
      assert.equal(round * texts.length + place, number, 'in order')
      assert.equal(text, texts[place])
    }
  })

  test(on('a message behind the request is read'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const heard = new Promise((resolve) => ws.on('early', resolve))
    const { socket } = new RawSocket(port)
    t.after(() => socket.destroy())
    socket.write(Buffer.concat([REQUEST, eventFrame('early', 7)]))
    assert.equal(await within(heard, 'the early event'), 7)
  })

  test(on('a listener that throws loses no other event and leaves the server usable'), async () => {
    const program = fileURLToPath(new URL('throwing-listener.mjs', import.meta.url))
    const child = new Child(process.execPath, [program, transport])
    await within(child.exit, 'the end of the process')
    assert.equal(child.stdout, 'uncaught: on purpose\nheard 0 1 2 3 4 5 6 7 8 9\nclosed\n')
  })
}
