import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import nativeWs from '../../lib/index.mjs'
import { startVite } from '../support/dev-server.mjs'
import { FrameReader, OPCODE } from '../support/frame.mjs'
import { splitAnswer } from '../support/handshake.mjs'
import { RawClient } from '../support/raw-client.mjs'
import { TRANSPORTS } from '../support/server.mjs'
import { makeTwoModules } from '../support/two-modules.mjs'
import { chat, openUpstream, proxied, socketIo } from './neighbours.mjs'
import { openTcpProxy } from './tcp-proxy.mjs'

const NEIGHBOURS = [socketIo, chat, proxied]
const ALIVE_MS = 5000
const BROADCAST_EVERY_MS = 50
/** Pings of ours would go astray like anything else. */
const KEEPALIVE_MS = 200
/** Nor may we end, as unclaimed, what is theirs. */
const UNCLAIMED_MS = 500

for (const { transport, counted } of TRANSPORTS) {
  for (const order of ['before', 'after']) {
    test(`socket.io, ws and a proxy that listen ${order} us go on (${counted})`, async (t) => {
      const server = await serveAll(t, { order, transport })
      const { port } = server.httpServer.address()
      const proxies = new Map()
      const clients = new Map()
      for (const neighbour of NEIGHBOURS) {
        const proxy = await openTcpProxy(t, { to: port })
        const client = await neighbour.join(proxy.port)
        t.after(() => client.close())
        assert.equal(await client.ask('hello'), `${neighbour.name}: hello`)
        proxies.set(neighbour, proxy)
        clients.set(neighbour, client)
      }
      const ourProxy = await openTcpProxy(t, { to: port })
      const ours = await RawClient.connect(t, ourProxy.port)
      assert.equal(server.ws.stats()[counted], 1)
      assert.equal(server.ws.clients.size, 1, 'none of theirs is a client of ours')

      // The point is the time: socket.io ends after 1 s what it takes to be unanswered.
      for (const end = Date.now() + ALIVE_MS; Date.now() < end; ) {
        server.ws.send('ours', 'not theirs')
        await delay(BROADCAST_EVERY_MS)
      }

      for (const [{ name }, client] of clients) {
        assert.equal(await client.ask('still there'), `${name}: still there`)
      }
      await ours.roundTrip('still there')
      for (const [{ name, packet }, proxy] of proxies) {
        assert.equal(proxy.received.length, 1, `${name} kept its connection`)
        const { head, frames } = split(proxy.received[0])
        assert.match(head, /^HTTP\/1\.1 101 /, name)
        const strange = frames.filter(({ text }) => !packet.test(text))
        assert.deepEqual(strange, [], `no byte of ours on the socket of ${name}`)
      }
      assert.equal(ourProxy.received.length, 1)
      const { frames } = split(ourProxy.received[0])
      const messages = frames.filter(({ opcode }) => opcode === OPCODE.text)
      const names = new Set(messages.map(({ text }) => JSON.parse(text).event))
      assert.deepEqual([...names], [undefined, 'ours', 'echo'], 'nor one of theirs on ours')
      t.diagnostic(`${messages.length} messages of ours; all four alive after ${ALIVE_MS} ms`)
    })
  }
}

/** A dev server with all of them, in this order. */
async function serveAll(t, { order, transport }) {
  const { root } = makeTwoModules(t)
  const upstream = await openUpstream(t)
  const ends = []
  const neighbours = {
    name: 'neighbours',
    enforce: 'pre',
    configureServer: {
      order: 'pre',
      handler({ httpServer }) {
        ends.push(...NEIGHBOURS.map((neighbour) => neighbour.attach(httpServer)))
      },
    },
  }
  const plugins = [
    nativeWs({ transport, keepalive: KEEPALIVE_MS, unclaimedTimeout: UNCLAIMED_MS }),
    neighbours,
  ]
  if (order === 'before') plugins.reverse()
  t.after(() => {
    for (const end of ends) end()
  })
  const proxy = { '/proxied': { target: `ws://127.0.0.1:${upstream}`, ws: true } }
  const inline = { root, plugins, server: { proxy } }
  const { server } = await startVite(t, inline, { listens: false })
  const { httpServer } = server
  if (order === 'before') putFirst(httpServer, httpServer.listeners('upgrade').at(-1))
  assert.equal(httpServer.listeners('upgrade').length, NEIGHBOURS.length + 1)
  server.ws.on('echo', (data, client) => client.send('echo', data))
  await server.listen()
  return server
}

/** Vite adds its proxy after all plugins; other set-ups have it earlier. */
function putFirst(httpServer, listener) {
  httpServer.off('upgrade', listener)
  httpServer.prependListener('upgrade', listener)
}

/** The head of an answer and the frames behind it. */
function split(chunks) {
  const { head, body } = splitAnswer(Buffer.concat(chunks))
  const reader = new FrameReader()
  const frames = reader.push(body)
  assert.equal(reader.pending, 0, 'whole frames and nothing else')
  return {
    head,
    frames: frames.map(({ opcode, payload }) => ({ opcode, text: String(payload) })),
  }
}
