// Whether a connection keeps the process alive is said by its Node socket, as with `ws`.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import WebSocket from 'ws'
import { Child } from '../support/child.mjs'
import { within } from '../support/deadline.mjs'
import { IMPLEMENTATIONS } from './implementations.mjs'

const PROGRAM = fileURLToPath(new URL('referenced-server.mjs', import.meta.url))
const STREAMED = fileURLToPath(new URL('streamed-server.mjs', import.meta.url))

async function start(t, ...args) {
  const child = new Child(process.execPath, [PROGRAM, ...args])
  t.after(() => child.kill())
  const [, port] = await within(child.said(/^(\d+)\n/), 'the port')
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  t.after(() => client.terminate())
  const [ready] = await within(once(client, 'message'), 'the first message')
  assert.equal(String(ready), 'ready')
  return { child, client, closed: once(client, 'close') }
}

for (const { name } of IMPLEMENTATIONS) {
  for (const when of ['after the upgrade', 'before the upgrade']) {
    test(`a connection of ${name} that is unreferenced ${when} keeps no process`, async (t) => {
      const { child } = await start(t, name, when)
      const { code } = await within(child.exit, 'the end of the process')
      assert.equal(code, 0, await child.describe())
    })
  }

  test(`a connection of ${name} over a stream without a handle keeps no process`, async (t) => {
    const child = new Child(process.execPath, [STREAMED, name])
    t.after(() => child.kill())
    await within(child.said(/open/), 'the connection')
    assert.equal((await within(child.exit, 'the end of the process')).code, 0)
  })

  test(`a connection of ${name} that is referenced again keeps the process`, async (t) => {
    const { child, client, closed } = await start(t, name, 'and referenced again')
    for (let number = 0; number < 10; number++) {
      client.send(String(number))
      await within(once(client, 'message'), 'the echo')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.equal(child.isAlive, true)
    client.close()
    await within(closed, 'the close')
    assert.equal((await within(child.exit, 'the end of the process')).code, 0)
  })
}
