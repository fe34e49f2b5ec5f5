// Many servers in one process: each has its own clients, and nothing is left of them.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { createWebSocketServer } from 'vite-native-ws'
import { connect, serve } from './conversation.cjs'

const SERVERS = 200

const descriptors = () =>
  existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : undefined

async function round() {
  const servers = await Promise.all(
    Array.from({ length: SERVERS }, () => serve(createWebSocketServer)),
  )
  const clients = await Promise.all(servers.map(({ port }) => connect(port)))
  for (const [number, { ws }] of servers.entries()) ws.send('number', number)
  for (const [number, client] of clients.entries()) {
    assert.deepEqual(await client.next(), { type: 'custom', event: 'number', data: number })
  }
  for (const { ws } of servers) assert.equal(ws.clients.size, 1)
  await Promise.all(servers.map(({ close }) => close()))
  await Promise.all(clients.map(({ closed }) => closed))
}

async function settledDescriptors(most = Number.POSITIVE_INFINITY) {
  for (let turn = 0; descriptors() > most && turn < 2000; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return descriptors()
}

await round()
const before = await settledDescriptors()
await round()
const after = await settledDescriptors(before)
assert.ok(!(after > before), `${before} descriptors before, ${after} after`)
