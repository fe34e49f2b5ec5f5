// What a client gets from a process that ends is what it gets with `ws`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import WebSocket from 'ws'
import { Child } from '../support/child.mjs'
import { within } from '../support/deadline.mjs'
import { IMPLEMENTATIONS } from './implementations.mjs'

const PROGRAM = fileURLToPath(new URL('exiting-server.mjs', import.meta.url))
const endings = JSON.parse(await Child.run(process.execPath, [PROGRAM, 'ws', 'list']))

async function observe(implementation, how) {
  const child = new Child(process.execPath, [PROGRAM, implementation, how])
  const [, port] = await within(child.said(/^(\d+)\n/), 'the port')
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  const seen = []
  client.on('error', () => {})
  client.on('message', (data) => seen.push(`${String(data).slice(0, 10)} of ${data.length}`))
  client.on('ping', (data) => seen.push(`ping ${data}`))
  const closed = new Promise((resolve) => {
    client.on('close', (code, reason) => resolve(`closed ${code} ${reason}`))
  })
  client.on('open', () => client.send('go'))
  seen.push(await within(closed, 'the close'))
  const { code, signal } = await within(child.exit, 'the end of the process')
  return { seen, code, signal }
}

for (const how of endings) {
  test(`a process that ends ${how}`, async () => {
    const expected = await observe('ws', how)
    for (const { name } of IMPLEMENTATIONS.filter(({ name }) => name !== 'ws')) {
      assert.deepEqual(await observe(name, how), expected, name)
    }
  })
}
