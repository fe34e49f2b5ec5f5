// What pages can make a server hold: those that ask without end, and those that leave for ever.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from '../support/client.mjs'
import { until, within } from '../support/deadline.mjs'
import { encode, OPCODE } from '../support/frame.mjs'
import { TRANSPORTS } from '../support/server.mjs'
import { settingsOf } from './page.mjs'

const MIB = 1024 * 1024
const { hello, probe } = settingsOf('socket').texts
/** RECONNECT_PAGES=10000 is what `npm run reconnect` plays. */
const PAGES = Number(process.env.RECONNECT_PAGES ?? 1_500)
const FLOOD_BYTES = 60 * MIB

/** glibc gives back at once what is freed, so that so that what the server takes is what it holds. */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
}

async function serveApart(t, options) {
  const program = fileURLToPath(new URL('./bounds-server.mjs', import.meta.url))
  const env = { ...process.env, ...ALLOCATOR }
  const child = fork(program, [JSON.stringify(options)], { env, execArgv: ['--expose-gc'] })
  t.after(() => child.kill())
  const [{ port }] = await once(child, 'message')
  const state = async () => {
    child.send({})
    return (await once(child, 'message'))[0]
  }
  return { port, state }
}

async function visit(port) {
  const client = await Client.connect(port)
  client.socket.send(hello)
  await client.text()
  return client
}

/** Many frames a write: answers to single ones would fill the page's TCP buffer to its last byte. */
async function flood(socket, bytes) {
  const frame = encode({ opcode: OPCODE.text, payload: probe })
  const batch = Buffer.concat(Array(Math.ceil(64_000 / frame.length)).fill(frame))
  for (let sent = 0; sent < bytes; sent += batch.length) {
    if (!socket.write(batch)) await within(once(socket, 'drain'), 'the flood to be read')
  }
  await until(() => socket.writableLength === 0, 'all of it to be read')
}

for (const { transport } of TRANSPORTS) {
  describe(`a server (${transport})`, () => {
    it('holds one answer for all the questions of a page that does not read', async (t) => {
      const { port, state } = await serveApart(t, { transport })
      const client = await visit(port)
      client.socket.pause()
      // What any connection takes that is kept busy is no matter of this.
      await flood(client.socket._socket, 2 * FLOOD_BYTES)
      const before = (await state()).held
      await flood(client.socket._socket, FLOOD_BYTES)
      let grown = Infinity
      const isLittle = async () => {
        grown = ((await state()).held - before) / MIB
        return grown < 8
      }
      // Chunks that have been read are garbage for a while.
      await until(isLittle, () => `what is held to be little: ${grown} MiB more`)
      t.diagnostic(`${grown.toFixed(1)} MiB more`)
      client.socket.terminate()
    })
  })
}

it(`${PAGES} pages that leave for ever take a little, and give it back`, async (t) => {
  const { port, state } = await serveApart(t, { reconnect: { maxAge: 5_000 } })
  for (let count = 0; count < 200; count++) {
    const client = await Client.connect(port)
    client.socket.terminate()
  }
  const before = (await state()).held
  const answered = JSON.stringify({
    type: 'custom',
    event: 'vite:invoke',
    data: { name: 'answer', id: 'send:1', data: ['x'.repeat(100_000)] },
  })
  let most = 0
  const leave = async (pages) => {
    for (let left = 1; left <= pages; left++) {
      const client = await visit(port)
      client.socket.send(answered)
      await client.text()
      client.socket.terminate()
      if (left % 500 === 0) most = Math.max(most, (await state()).held)
    }
    await until(async () => (await state()).clients === 0, 'all of them to be given up')
  }
  await leave(PAGES)
  // Whatever the first ones had left would be added to this.
  await leave(500)
  const grown = (most - before) / MIB
  t.diagnostic(`${grown.toFixed(1)} MiB more`)
  assert.ok(grown < 64, `${grown} MiB more`)
})
