// Worker threads terminated with live connections, in the middle of broadcasts: memory and
// descriptors are to be where they were.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { createWebSocketServer } from 'vite-native-ws'
import { connect, converse, EXPECTED } from './conversation.cjs'

const [cycles] = process.argv.slice(2).map(Number)
/** Measured: by then memory has stopped growing, on every Node; below it, it is not judged. */
const WARM_UP = 200
const AT_ONCE = 5
const CLIENTS = 2
/** Measured: the memory of a steady process goes up and down by a quarter of this. */
const GROWTH_BYTES = 48 * 1024 * 1024

async function cycle() {
  const worker = new Worker(new URL('worker-server.mjs', import.meta.url))
  const ended = once(worker, 'exit')
  const [port] = await once(worker, 'message')
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(port)))
  for (const client of clients) client.send('begin')
  await Promise.all(clients.map((client) => client.next()))
  await worker.terminate()
  await ended
  for (const { closed } of clients) await closed
}

async function repeat(count) {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, cycle))
  }
}

async function measure() {
  for (let round = 0; round < 3; round++) {
    globalThis.gc()
    await new Promise(setImmediate)
  }
  const isLinux = existsSync('/proc/self/fd')
  return {
    memory: process.memoryUsage().rss,
    descriptors: isLinux ? readdirSync('/proc/self/fd').length : 0,
    threads: isLinux ? readdirSync('/proc/self/task').length : 0,
  }
}

const warmUp = Math.min(WARM_UP, cycles / 2)
await repeat(warmUp)
const before = await measure()
await repeat(cycles - warmUp)
let after = await measure()
for (let turn = 0; after.descriptors > before.descriptors && turn < 100; turn++) {
  await new Promise((resolve) => setTimeout(resolve, 50))
  after = await measure()
}
const megabytes = ({ memory }) => (memory / 1024 / 1024).toFixed(1)
console.log(
  `${cycles} workers terminated: ${megabytes(before)} MiB after ${warmUp}, ` +
    `${megabytes(after)} at the end; ` +
    `descriptors ${before.descriptors}, ${after.descriptors}; ` +
    `threads ${before.threads}, ${after.threads}`,
)
assert.ok(after.descriptors <= before.descriptors, 'descriptors are left')
assert.ok(after.threads <= before.threads, 'threads are left')
if (warmUp === WARM_UP) {
  assert.ok(after.memory < before.memory + GROWTH_BYTES, 'memory is left')
}
assert.deepEqual(await converse(createWebSocketServer), EXPECTED)
