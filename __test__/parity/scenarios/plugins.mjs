import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { createRPCClient, createRPCServer } from 'vite-dev-rpc'
import { load } from './updates.mjs'

const PART = 'export const value = 2\nimport.meta.hot.accept()\n'

function listening(name, heard, order) {
  const handler = (server) => {
    server.ws.on('my:event', (data) => heard.push(`${name} ws ${data}`))
    server.hot?.on('my:event', (data) => heard.push(`${name} hot ${data}`))
    server.environments?.client.hot.on('my:event', (data) => heard.push(`${name} env ${data}`))
    server.ws.on('connection', () => heard.push(`${name} connection`))
  }
  return { name, configureServer: order ? { order, handler } : handler }
}

async function heardBy(t, order) {
  const heard = []
  const plugins = [listening('early', heard, order)]
  const server = await t.start({ plugins })
  const client = await t.join(server)
  client.emit('my:event', 1)
  await t.flush(server, client)
  await t.until(() => heard.includes('early ws 1'), 'the early listener')
  t.observe('heard', heard)
}

export default [
  {
    name: 'early_listeners',
    covers: 'listeners that a plugin adds in configureServer are heard',
    quick: true,
    run: (t) => heardBy(t),
  },
  {
    name: 'early_order_pre',
    covers: "listeners that a plugin adds in configureServer with order: 'pre' are heard",
    quick: true,
    run: (t) => heardBy(t, 'pre'),
  },
  {
    name: 'patched_send',
    covers: 'plugins that replace send see every payload',
    quick: true,
    async run(t) {
      const seen = []
      const patch = (label, object, detached) => {
        const old = object.send
        object.send = function patched(...args) {
          seen.push(`${label} ${typeof args[0] === 'string' ? args[0] : args[0].type}`)
          return detached ? old(...args) : old.apply(this, args)
        }
        assert.notEqual(object.send, old)
      }
      const server = await t.start({
        plugins: [
          {
            name: 'patches',
            configureServer(server) {
              patch('detached', server.ws, true)
              if (server.environments) patch('applied', server.environments.client.hot, false)
            },
          },
        ],
      })
      await load(t, server)
      const client = await t.join(server)
      t.edit(server, 'part.js', PART)
      await client.find('update')
      server.ws.send('my:event', 1)
      server.hot?.send('my:hot', 1)
      const frames = await t.drain(server, client)
      t.observe('frames', frames)
      assert.equal(frames.filter((text) => text.includes('"update"')).length, 1)
      t.observe(
        'seen',
        seen.filter((line) => !line.includes('custom')),
      )
      assert(seen.includes('detached update'))
    },
  },
  {
    name: 'patched_late',
    covers: 'send replaced while the server runs is used, and can be put back',
    quick: true,
    async run(t) {
      const server = await t.start()
      await load(t, server)
      const seen = []
      const { send } = server.ws
      server.ws.send = (payload, ...rest) => {
        seen.push(payload.type ?? payload)
        send(payload, ...rest)
      }
      const client = await t.join(server)
      t.edit(server, 'part.js', PART)
      await client.find('update')
      server.ws.send = send
      server.ws.send('after')
      t.observe('seen', seen)
      t.observe('frames', await t.drain(server, client))
    },
  },
  {
    name: 'destructured_members',
    covers: 'members work detached, copied, and have writable properties',
    quick: true,
    async run(t) {
      const server = await t.start()
      const names = 'name send on off listen close setInvokeHandler handleInvoke clients'.split(' ')
      for (const name of names) {
        const own = Object.getOwnPropertyDescriptor(server.ws, name)
        const { writable, configurable, enumerable } = own ?? {}
        t.observe(name, own ? { writable, configurable, enumerable, getter: !!own.get } : 'none')
        if (own && !own.get) assert(writable && configurable && enumerable, name)
      }
      const { send, on, off, close } = server.ws
      const heard = []
      const listener = (data) => heard.push(data)
      on('my:event', listener)
      const client = await t.join(server)
      client.emit('my:event', 1)
      await t.flush(server, client)
      off('my:event', listener)
      client.emit('my:event', 2)
      await t.flush(server, client)
      send('from:detached', 3)
      const [{ send: one }] = server.ws.clients
      one('to:one', 4)
      const copied = { ...server.ws }
      copied.send('from:copy', 5)
      t.observe('frames', await t.drain(server, client))
      assert.deepEqual(heard, [1])
      await close()
      assert.equal((await t.within(client.closed, 'the cut')).code, 1006)
    },
  },
  {
    name: 'vite_dev_rpc',
    covers: 'vite-dev-rpc answers and asks over the socket',
    quick: true,
    async run(t) {
      const server = await t.start()
      const remote = createRPCServer('demo', server.ws, { add: (a, b) => a + b })
      const tab = async (name) => {
        const client = await t.join(server)
        const events = new EventEmitter()
        client.socket.on('message', (text) => {
          const { event, data } = JSON.parse(String(text))
          if (event) events.emit(event, data)
        })
        const hot = {
          on: (event, listener) => events.on(event, listener),
          send: (event, data) => client.emit(event, data),
        }
        const rpc = createRPCClient('demo', hot, { whoAreYou: () => name })
        return { client, rpc }
      }
      const [one, two] = [await tab('one'), await tab('two')]
      assert.equal(await t.within(one.rpc.add(1, 2), 'an answer'), 3)
      assert.equal(await t.within(two.rpc.add(3, 4), 'an answer'), 7)
      const names = await t.within(remote.whoAreYou(), 'the tabs')
      t.observe('names', [names].flat().sort())
      await two.client.end()
      await t.size(server, 1)
      assert.equal(await t.within(one.rpc.add(5, 6), 'an answer'), 11)
    },
  },
  {
    name: 'nuxt_devtools_like',
    covers: 'a plugin that keeps raw sockets and talks over them, as Nuxt DevTools does',
    async run(t) {
      const server = await t.start()
      const peers = new Set()
      const seen = []
      server.ws.on('connection', (socket, request) => {
        seen.push([request.headers.origin, request.headers.host.split(':')[0]])
        peers.add(socket)
        socket.on('message', (data) => {
          const text = String(data)
          if (text.includes('nuxt:')) for (const peer of peers) peer.send(`heard ${text}`)
        })
        socket.on('close', () => peers.delete(socket))
      })
      const one = await t.join(server, { origin: 'http://localhost' })
      const two = await t.join(server)
      one.send('nuxt:hello')
      assert.equal(await two.text(), 'heard nuxt:hello')
      await one.end()
      await t.until(() => peers.size === 1, 'the peer left')
      two.send('nuxt:again')
      await two.count(3)
      t.observe('frames', two.frames)
      t.observe('seen', seen)
    },
  },
]
