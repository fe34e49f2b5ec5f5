import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { WebSocketServer } from 'ws'
import { until } from '../support/deadline.mjs'
import { serve } from '../support/server.mjs'
import { CuttingProxy } from './cutting-proxy.mjs'
import { browserEnvironment, PageSocket } from './page.mjs'
import { CONNECTED, lose, open, update } from './proxied-page.mjs'
import { openRefusingServer } from './refusing-server.mjs'

const LONG = 3_600_000

describe('a page', () => {
  it('resumes after closes that nobody wanted, and no others', async (t) => {
    for (const code of [1000, 1001, 1011, 1012, 1014, undefined]) {
      const { ws, page } = await open(t)
      for (const { socket } of ws.clients) socket.close(code, code && 'restarting')
      await until(() => page.lines.length === 2, `the return after ${code}`)
      assert.deepEqual(page.events, ['open'])
    }
    for (const code of [1008, 1013, 4001, 4321]) {
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
    const setup = await open(t, { settings: { firstRetry: LONG, lastRetry: LONG } })
    setup.proxy.cut()
    await until(() => setup.page.socket._isAway(), 'the loss')
    assert.equal(setup.page.lines.length, 1)
    assert.match(setup.page.lines[0], /connection lost/)
    setup.proxy.restore()
    setup.page.environment.dispatchEvent(new Event('online'))
    await until(() => setup.page.lines.length > 1, 'the return')
    assert.match(setup.page.lines[1], /reconnected/)
  })

  it('closes itself while it is away', async (t) => {
    const setup = await open(t, { settings: { firstRetry: 1, lastRetry: LONG } })
    await lose(setup)
    setup.page.socket.close()
    assert.equal((await setup.page.closed).code, 1006)
    setup.proxy.restore()
    assert.equal(setup.page.lines.length, 1)
  })

  it('closes itself while the server is about to take it back', async (t) => {
    const setup = await open(t)
    await lose(setup)
    setup.proxy.onLink = ({ page }) => {
      page.on('data', (data) => {
        if (data.includes('?vite-native-ws=')) setup.page.socket.close()
      })
    }
    setup.proxy.restore()
    assert.equal((await setup.page.closed).code, 1006)
    await until(() => setup.proxy.links.size === 0, 'the end of the attempt')
    assert.equal(setup.page.lines.length, 1)
    assert.match(setup.page.lines[0], /connection lost/)
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
    assert.equal(event.target, socket)
    assert.deepEqual(page.payloads, [update(1)])
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
    const setup = await open(t)
    const vite = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    t.after(() => vite.close())
    vite.on('connection', (socket) => socket.send(CONNECTED))
    await once(vite, 'listening')
    setup.proxy.target = vite.address().port
    for (const link of setup.proxy.links) link.reset()
    await setup.page.closed
    assert.deepEqual(setup.page.messages, [])
  })

  for (const ping of ['socket', 'fetch']) {
    it(`waits for a server that is down, and closes when one refuses it (${ping})`, async (t) => {
      const setup = await open(t, { settings: { ping } })
      await lose(setup)
      const refusing = await openRefusingServer(t)
      const downAttempts = []
      const { accept } = setup.proxy
      setup.proxy.accept = (socket) => {
        downAttempts.push(socket)
        return accept.call(setup.proxy, socket)
      }
      await until(() => downAttempts.length >= 6, 'attempts while it is down')
      assert.deepEqual(setup.page.events, ['open'])
      setup.proxy.target = refusing.port
      setup.proxy.restore()
      await setup.page.closed
      assert.ok(refusing.attempts >= 1, `${refusing.attempts} attempts`)
      assert.match(setup.page.lines[1], /given up: the dev server was restarted, or is another/)
    })
  }

  it('cannot go on when it had more to say than it keeps', async (t) => {
    const setup = await open(t, { settings: { maxMessages: 4 } })
    await lose(setup)
    for (const number of [1, 2, 3, 4, 5]) setup.page.emit('up', number)
    setup.proxy.restore()
    await setup.page.closed
  })

  it('keeps none of the pings that Vite sends meanwhile', async (t) => {
    const setup = await open(t, { settings: { maxMessages: 4 } })
    await lose(setup)
    setup.page.emit('up', 1)
    for (let number = 0; number < 1_000; number++) setup.page.socket.send('{"type":"ping"}')
    const heard = new Promise((resolve) => setup.ws.on('up', resolve))
    setup.proxy.restore()
    assert.equal(await heard, 1)
    assert.deepEqual(setup.page.events, ['open'])
  })

  it('goes on when the server has taken what it no longer keeps', async (t) => {
    const setup = await open(t, { settings: { maxMessages: 4 } })
    const heard = []
    setup.ws.on('up', (data) => heard.push(data))
    for (let number = 1; number <= 20; number++) setup.page.emit('up', number)
    await until(() => heard.length === 20, 'all of it')
    await lose(setup)
    setup.page.emit('up', 21)
    setup.proxy.restore()
    await until(() => heard.length === 21, 'the last')
    assert.deepEqual(setup.page.events, ['open'])
  })

  it('asks what was taken when half of what it keeps is full, and keeps no more of it', async (t) => {
    const setup = await open(t, { settings: { maxMessages: 10, quiet: LONG } })
    for (let number = 1; number <= 6; number++) setup.page.emit('up', number)
    await until(() => setup.page.socket._sent.kept.length === 0, 'the acknowledgement')
  })

  it('notices a connection that hangs', async (t) => {
    const setup = await open(t)
    for (const link of setup.proxy.links) link.fail('hang')
    setup.ws.send(update(1))
    await until(() => setup.page.messages.length === 1, 'the update')
    assert.deepEqual(setup.page.events, ['open'])
  })

  it('that is quiet stays on its connection', async (t) => {
    const setup = await open(t, { settings: { quiet: 20, answer: 2_000 } })
    let links = 0
    setup.proxy.onLink = () => {
      links += 1
    }
    const [link] = setup.proxy.links
    const before = link.passed.down
    const answer = '..{"type":"custom","event":"vite-native-ws:acknowledgement","data":0}'.length
    await until(() => link.passed.down >= before + 2 * answer, 'answers to probes')
    assert.deepEqual([links, setup.page.lines], [0, []])
  })

  it('stays on its connection while the JavaScript of its server is blocked', async (t) => {
    const server = new Worker(new URL('./blocked-server.mjs', import.meta.url))
    t.after(() => server.terminate())
    const [{ port }] = await once(server, 'message')
    const proxy = await CuttingProxy.open(port)
    t.after(() => proxy.close())
    const settings = { quiet: 20, answer: 600 }
    const page = new PageSocket(`ws://127.0.0.1:${proxy.port}/`, { settings })
    await until(() => page.isWelcome, 'the welcome')
    const [link] = proxy.links
    const before = link.passed.down
    server.postMessage({ blockMs: 2_500 })
    const [{ clients }] = await once(server, 'message')
    const answer = '..{"type":"custom","event":"vite-native-ws:acknowledgement","data":0}'.length
    assert.ok(link.passed.down >= before + 2 * answer, 'answers while it was blocked')
    assert.deepEqual([clients, proxy.links.size, page.lines], [1, 1, []])
    page.socket.close()
  })

  it('comes back at once when the network does', async (t) => {
    const environment = browserEnvironment()
    const settings = { firstRetry: LONG, lastRetry: LONG }
    const setup = await open(t, { environment, settings })
    for (const link of setup.proxy.links) link.reset()
    await until(() => setup.page.socket._isAway(), 'the loss')
    setup.ws.send(update(1))
    environment.dispatchEvent(new Event('online'))
    await until(() => setup.page.messages.length === 1, 'the update')
  })

  it('comes back at once when its tab is looked at, and not when it is hidden', async (t) => {
    const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
    const settings = { firstRetry: LONG, lastRetry: LONG }
    const setup = await open(t, { environment: browserEnvironment({ document }), settings })
    for (const link of setup.proxy.links) link.reset()
    await until(() => setup.page.socket._isAway(), 'the loss')
    let links = 0
    setup.proxy.onLink = () => {
      links += 1
    }
    document.dispatchEvent(new Event('visibilitychange'))
    assert.equal(links, 0)
    document.visibilityState = 'visible'
    document.dispatchEvent(new Event('visibilitychange'))
    await until(() => setup.page.lines.length === 2, 'the return')
  })

  it('that is left says nothing and does not come back, until it is shown again', async (t) => {
    for (const type of ['beforeunload', 'pagehide']) {
      const environment = browserEnvironment()
      const setup = await open(t, { environment, settings: { leaving: LONG } })
      environment.dispatchEvent(new Event(type))
      for (const link of setup.proxy.links) link.reset()
      await until(() => setup.page.socket._isAway(), 'the loss')
      assert.deepEqual(setup.page.lines, [])
      environment.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
      await until(() => setup.page.lines.length === 2, `the return after ${type}`)
    }
  })
})
