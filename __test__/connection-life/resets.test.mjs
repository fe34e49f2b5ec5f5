import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { until, within } from '../support/deadline.mjs'
import { eventFrame, frame, OPCODE } from '../support/frame.mjs'
import { dial, RawClient, REQUEST } from '../support/raw-client.mjs'
import { startDevServer, TRANSPORTS } from './servers.mjs'

const RESETS = 1000
const AT_ONCE = 50

/** Moments of a handshake at which a client resets its connection. */
const HANDSHAKE = {
  'before the request': async () => {},
  'within the request': async (socket) => {
    await written(socket, REQUEST.subarray(0, REQUEST.length / 2))
  },
  'right after the request': async (socket) => {
    await written(socket, REQUEST)
  },
  'right after the 101': async (socket) => {
    socket.write(REQUEST)
    await within(once(socket, 'data'), 'the 101')
  },
}

const MESSAGE = eventFrame('echo', 'x'.repeat(1000))
const FRAGMENT = frame(OPCODE.text, 'x'.repeat(1000), { fin: false })

/** Places within frames at which it does. */
const FRAME = {
  'within a header': (socket) => written(socket, MESSAGE.subarray(0, 3)),
  'within a payload': (socket) => written(socket, MESSAGE.subarray(0, MESSAGE.length / 2)),
  'behind a message, within the next': (socket) =>
    written(socket, Buffer.concat([MESSAGE, MESSAGE.subarray(0, MESSAGE.length - 1)])),
  'between two fragments': (socket) => written(socket, FRAGMENT),
}

for (const transport of TRANSPORTS) {
  const on = (name) => `${name} (${transport})`

  test(on(`${RESETS} resets during the handshake leave nothing behind`), async (t) => {
    await survive(t, transport, async (socket, number) => {
      const moments = Object.values(HANDSHAKE)
      await moments[number % moments.length](socket)
    })
  })

  test(on(`${RESETS} resets in mid-frame leave nothing behind`), async (t) => {
    await survive(t, transport, async (socket, number) => {
      const client = new RawClient(socket)
      socket.write(REQUEST)
      assert.equal((await client.next()).type, 'connected')
      const places = Object.values(FRAME)
      await places[number % places.length](socket)
    })
  })
}

/** Has many clients come as far as `reach`, and reset. */
async function survive(t, transport, reach) {
  const { server } = await startDevServer(t, transport)
  const { port } = server.about
  const canary = await RawClient.connect(t, port)
  await canary.roundTrip('before')
  const before = server.descriptors()

  let resets = 0
  while (resets < RESETS) {
    const group = Array.from({ length: AT_ONCE }, async (_, index) => {
      const socket = dial(port)
      await within(once(socket, 'connect'), 'the TCP connection')
      await reach(socket, resets + index)
      socket.resetAndDestroy()
    })
    await Promise.all(group)
    resets += group.length
    await within(canary.roundTrip(resets), 'an answer to the canary')
  }

  assert.ok(server.isAlive)
  await until(async () => (await server.ask('stats')).clients === 1, 'only the canary to be left')
  await until(() => server.descriptors() <= before, `no descriptor beyond the ${before} of before`)
  assert.deepEqual(await server.ask('faults'), [], 'nothing was logged')
  assert.equal(server.stderr, '')
  t.diagnostic(`${resets} resets; descriptors ${before} before, ${server.descriptors()} after`)
}

/** Once the kernel has it: a reset throws away what it has not. */
function written(socket, bytes) {
  return within(new Promise((resolve) => socket.write(bytes, resolve)), 'the bytes to be written')
}
