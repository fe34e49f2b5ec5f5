import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { WebSocketServer } from 'ws'
import { until } from '../support/deadline.mjs'
import { serve } from '../support/server.mjs'
import { CuttingProxy } from './cutting-proxy.mjs'
import { browserEnvironment, PageSocket } from './page.mjs'
import { CONNECTED, lose, open, update } from './stand.mjs'

const LONG = 3_600_000

describe('a page', () => {
  it('resumes after closes that nobody wanted, and no others', async (t) => {
    for (const code of [1001, 1012]) {
      const { ws, page } = await open(t)
      for (const { socket } of ws.clients) socket.close(code, 'restarting')
      await until(() => page.lines.length === 2, `the return after ${code}`)
      assert.deepEqual(page.events, ['open'])
    }
    for (const code of [1000, 1008, 1013, 4001, 4321]) {
      const { ws, page } = await open(t)
      for (const { socket } of ws.clients) socket.close(code, 'bye')
      const event = await page.closed
      assert.deepEqual([event.code, event.reason, event.wasClean], [code, 'bye', true])
      assert.deepEqual(page.lines, [])
    }
  })

  it('closes itself as it wants to', async (t) => {
    const { page } = await open(t)
    page.socket.close(3456, 'done')
    assert.equal(page.socket.readyState, page.socket.CLOSING)
    const { code, wasClean } = await page.closed
    assert.deepEqual([code, wasClean, page.lines], [3456, true, []])
  })

  it('closes itself over a connection that hangs', async (t) => {
    const { proxy, page } = await open(t)
    for (const link of proxy.links) link.fail('hang')
    page.socket.close()
    assert.equal((await page.closed).code, 1006)
    assert.deepEqual(page.events, ['open', 'close'])
  })

  it('says at once that the connection is lost, and says it once', async (t) => {
    const stand = await open(t, { settings: { firstRetry: LONG, lastRetry: LONG } })
    stand.proxy.cut()
    await until(() => stand.page.socket._isAway(), 'the loss')
    assert.equal(stand.page.lines.length, 1)
    assert.match(stand.page.lines[0], /connection lost/)
    stand.proxy.restore()
    stand.page.environment.dispatchEvent(new Event('online'))
    await until(() => stand.page.lines.length > 1, 'the return')
    assert.match(stand.page.lines[1], /reconnected/)
  })

  it('closes itself while it is away', async (t) => {
    const stand = await open(t, { settings: { firstRetry: 1, lastRetry: LONG } })
    await lose(stand)
    stand.page.socket.close()
    assert.equal((await stand.page.closed).code, 1006)
    stand.proxy.restore()
    assert.equal(stand.page.lines.length, 1)
  })

  it('looks like the browser’s socket', async (t) => {
    const { ws, proxy, page } = await open(t)
    const { socket } = page
    assert.equal(socket.url, `ws://127.0.0.1:${proxy.port}/`)
    assert.equal(socket.protocol, 'vite-hmr')
    const constants = [socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]
    assert.deepEqual([...constants, socket.readyState], [0, 1, 2, 3, 1])
    const told = new Promise((resolve) => {
      socket.onmessage = resolve
    })
    ws.send(update(1))
    const event = await told
    assert.ok(event instanceof MessageEvent)
    assert.deepEqual([event.target, event.data], [socket, JSON.stringify(update(1))])
    assert.equal(typeof socket.onmessage, 'function')
    socket.onmessage = null
    assert.equal(socket.onmessage, null)
  })

  it('that never gets a connection tells what a plain socket would', async (t) => {
    const { server, port, close } = await serve(t, { config: { webSocketToken: 'x'.repeat(12) } })
    await close()
    assert.equal(server.listening, false)
    const environment = browserEnvironment()
    const page = new PageSocket(`ws://127.0.0.1:${port}/`, { environment })
    const plain = new environment.WebSocket(`ws://127.0.0.1:${port}/`, 'vite-hmr')
    const events = []
    plain.onerror = () => events.push('error')
    const closed = new Promise((resolve) => {
      plain.onclose = resolve
    })
    const [ours, theirs] = await Promise.all([page.closed, closed])
    assert.deepEqual(page.events, [...events, 'close'])
    assert.deepEqual([ours.code, ours.wasClean], [theirs.code, theirs.wasClean])
    assert.deepEqual(page.lines, [])
  })

  it('that another server greets in Vite’s own way closes', async (t) => {
    const stand = await open(t)
    const vite = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    t.after(() => vite.close())
    vite.on('connection', (socket) => socket.send(CONNECTED))
    await once(vite, 'listening')
    stand.proxy.target = vite.address().port
    for (const link of stand.proxy.links) link.reset()
    await stand.page.closed
    assert.deepEqual(stand.page.messages, [])
  })

  for (const ping of ['socket', 'fetch']) {
    it(`waits for a server that is down, and closes when one refuses it (${ping})`, async (t) => {
      const stand = await open(t, { settings: { ping } })
      await lose(stand)
      let attempts = 0
      const refusing = http.createServer((_, response) => response.end())
      refusing.on('upgrade', (request, socket) => {
        attempts += 1
        const isPing = request.headers['sec-websocket-protocol'] === 'vite-ping'
        if (isPing) pings.handleUpgrade(request, socket, Buffer.alloc(0), (one) => one.close())
        else socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      })
      const pings = new WebSocketServer({ noServer: true })
      refusing.listen(0, '127.0.0.1')
      t.after(() => refusing.close())
      await once(refusing, 'listening')
      const downAttempts = []
      const { accept } = stand.proxy
      stand.proxy.accept = (socket) => {
        downAttempts.push(socket)
        return accept.call(stand.proxy, socket)
      }
      await until(() => downAttempts.length >= 6, 'attempts while it is down')
      assert.deepEqual(stand.page.events, ['open'])
      stand.proxy.target = refusing.address().port
      stand.proxy.restore()
      await stand.page.closed
      assert.ok(attempts >= 1, `${attempts} attempts`)
      assert.equal(stand.page.lines.length, 1)
    })
  }

  it('cannot go on when it had more to say than it keeps', async (t) => {
    const stand = await open(t, { settings: { maxMessages: 4 } })
    await lose(stand)
    for (const number of [1, 2, 3, 4, 5]) stand.page.emit('up', number)
    stand.proxy.restore()
    await stand.page.closed
  })

  it('keeps none of the pings that Vite sends meanwhile', async (t) => {
    const stand = await open(t, { settings: { maxMessages: 4 } })
    await lose(stand)
    stand.page.emit('up', 1)
    for (let number = 0; number < 1_000; number++) stand.page.socket.send('{"type":"ping"}')
    const heard = new Promise((resolve) => stand.ws.on('up', resolve))
    stand.proxy.restore()
    assert.equal(await heard, 1)
    assert.deepEqual(stand.page.events, ['open'])
  })

  it('goes on when the server has taken what it no longer keeps', async (t) => {
    const stand = await open(t, { settings: { maxMessages: 4 } })
    const heard = []
    stand.ws.on('up', (data) => heard.push(data))
    for (let number = 1; number <= 20; number++) stand.page.emit('up', number)
    await until(() => heard.length === 20, 'all of it')
    await lose(stand)
    stand.page.emit('up', 21)
    stand.proxy.restore()
    await until(() => heard.length === 21, 'the last')
    assert.deepEqual(stand.page.events, ['open'])
  })

  it('asks what was taken when half of what it keeps is full, and keeps no more of it', async (t) => {
    const stand = await open(t, { settings: { maxMessages: 10, quiet: LONG } })
    for (let number = 1; number <= 6; number++) stand.page.emit('up', number)
    await until(() => stand.page.socket._sent.kept.length === 0, 'the acknowledgement')
  })

  it('notices a connection that hangs', async (t) => {
    const stand = await open(t)
    for (const link of stand.proxy.links) link.fail('hang')
    stand.ws.send(update(1))
    await until(() => stand.page.messages.length === 1, 'the update')
    assert.deepEqual(stand.page.events, ['open'])
  })

  it('that is quiet stays on its connection', async (t) => {
    const stand = await open(t, { settings: { quiet: 20, answer: 2_000 } })
    let links = 0
    stand.proxy.onLink = () => {
      links += 1
    }
    const [link] = stand.proxy.links
    const before = link.passed.down
    const answer = '..\u0001!0'.length
    await until(() => link.passed.down >= before + 2 * answer, 'answers to probes')
    assert.deepEqual([links, stand.page.lines], [0, []])
  })

  it('stays on its connection while the JavaScript of its server is blocked', async (t) => {
    const server = new Worker(new URL('./blocked-server.mjs', import.meta.url))
    t.after(() => server.terminate())
    const [{ port }] = await once(server, 'message')
    const proxy = await CuttingProxy.open(port)
    t.after(() => proxy.close())
    const settings = { quiet: 20, answer: 600 }
    const page = new PageSocket(`ws://127.0.0.1:${proxy.port}/`, { settings })
    await until(() => page.messages.length > 0, 'the greeting')
    const [link] = proxy.links
    const before = link.passed.down
    server.postMessage({ blockMs: 2_500 })
    const [{ clients }] = await once(server, 'message')
    assert.ok(link.passed.down >= before + 2 * '..\u0001!0'.length, 'answers while it was blocked')
    assert.deepEqual([clients, proxy.links.size, page.lines], [1, 1, []])
    page.socket.close()
  })

  it('comes back at once when the network does', async (t) => {
    const environment = browserEnvironment()
    const settings = { firstRetry: LONG, lastRetry: LONG }
    const stand = await open(t, { environment, settings })
    for (const link of stand.proxy.links) link.reset()
    await until(() => stand.page.socket._isAway(), 'the loss')
    stand.ws.send(update(1))
    environment.dispatchEvent(new Event('online'))
    await until(() => stand.page.messages.length === 1, 'the update')
  })

  it('comes back at once when its tab is looked at, and not when it is hidden', async (t) => {
    const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
    const settings = { firstRetry: LONG, lastRetry: LONG }
    const stand = await open(t, { environment: browserEnvironment({ document }), settings })
    for (const link of stand.proxy.links) link.reset()
    await until(() => stand.page.socket._isAway(), 'the loss')
    let links = 0
    stand.proxy.onLink = () => {
      links += 1
    }
    document.dispatchEvent(new Event('visibilitychange'))
    assert.equal(links, 0)
    document.visibilityState = 'visible'
    document.dispatchEvent(new Event('visibilitychange'))
    await until(() => stand.page.lines.length === 2, 'the return')
  })

  it('that is left says nothing and does not come back, until it is shown again', async (t) => {
    for (const type of ['beforeunload', 'pagehide']) {
      const environment = browserEnvironment()
      const stand = await open(t, { environment, settings: { leaving: LONG } })
      environment.dispatchEvent(new Event(type))
      for (const link of stand.proxy.links) link.reset()
      await until(() => stand.page.socket._isAway(), 'the loss')
      assert.deepEqual(stand.page.lines, [])
      environment.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
      await until(() => stand.page.lines.length === 2, `the return after ${type}`)
    }
  })
})
