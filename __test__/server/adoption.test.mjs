// A socket that cannot be taken over stays with Node, whichever step fails, and is heard.
import assert from 'node:assert/strict'
import { openSync } from 'node:fs'
import { test } from 'node:test'
import { until } from '../support/deadline.mjs'
import { eventFrame } from '../support/frame.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { dial, RawClient } from '../support/raw-client.mjs'
import { serve } from '../support/server.mjs'

const skip = process.platform === 'win32' && 'on Windows a socket has no descriptor to take over'
const EINVAL = -22
const CLOSED_DESCRIPTOR = 99_999
const LONG = 'x'.repeat(100_000)

const set = (object, name, value) => Object.defineProperty(object, name, { value, writable: true })

/** What makes one step fail, once. */
const FAILURES = {
  'the handle has no descriptor': ({ handle }) => set(handle, 'fd', -1),
  'the handle cannot be stopped': ({ handle }) => set(handle, 'readStop', undefined),
  'stopping throws': ({ handle }) => {
    handle.readStop = () => {
      delete handle.readStop
      throw new Error('no')
    }
  },
  'stopping fails': ({ handle }) => {
    handle.readStop = () => {
      delete handle.readStop
      return EINVAL
    }
  },
  'reading what Node has read throws': ({ socket }) => {
    socket.read = () => {
      delete socket.read
      throw new Error('no')
    }
  },
  'the descriptor cannot be duplicated': ({ handle }) => set(handle, 'fd', CLOSED_DESCRIPTOR),
  'the descriptor is no socket': ({ handle }) => set(handle, 'fd', openSync('/dev/null')),
  'the descriptor is not connected': ({ handle, server }) => set(handle, 'fd', server._handle.fd),
}

for (const [what, fail] of Object.entries(FAILURES)) {
  test(`a connection is heard although ${what}`, { skip }, async (t) => {
    const { ws, server, port } = await serve(t)
    const heard = []
    ws.on('ask', (data, client) => {
      heard.push(data)
      client.send('answer', data)
    })
    server.prependOnceListener('upgrade', (_, socket) => {
      fail({ socket, handle: socket._handle, server })
    })
    const socket = dial(port)
    t.after(() => socket.destroy())
    const client = new RawClient(socket)
    // The first message comes with the request, the next one before anybody has been answered.
    socket.write(Buffer.concat([Buffer.from(upgradeRequest()), eventFrame('ask', 1)]))
    client.write(eventFrame('ask', LONG))
    assert.equal((await client.next()).type, 'connected')
    assert.equal((await client.next()).data, 1)
    assert.equal((await client.next()).data, LONG)
    client.write(eventFrame('ask', 3))
    assert.equal((await client.next()).data, 3)
    assert.deepEqual(heard, [1, LONG, 3], 'each once, in order')
    assert.deepEqual([ws.stats().adopted, ws.stats().bridged], [0, 1])
    socket.destroy()
    await until(() => ws.clients.size === 0, 'the client to be gone')

    const next = await RawClient.connect(t, port)
    next.write(eventFrame('ask', 4))
    assert.equal((await next.next()).data, 4)
    assert.equal(ws.stats().adopted, 1, 'the next one is adopted')
  })
}
