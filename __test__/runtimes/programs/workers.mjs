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
/** Node gives memory back when it likes: what counts is the most before and the least after. */
const SAMPLES = 4
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

/** Repeats in parts, and measures after each of them. */
async function sample(count) {
  const samples = []
  for (let part = 0; part < SAMPLES; part++) {
    await repeat(count / SAMPLES)
    samples.push(await measure())
  }
  return samples
}

const memories = (samples) => samples.map(({ memory }) => memory)

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
const early = await sample(warmUp)
const before = early.at(-1)
const late = await sample(cycles - warmUp)
let after = late.at(-1)
for (let turn = 0; after.descriptors > before.descriptors && turn < 100; turn++) {
  await new Promise((resolve) => setTimeout(resolve, 50))
  after = await measure()
}
const least = Math.min(...memories(late.slice(SAMPLES / 2)))
const most = Math.max(...memories(early))
const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1)
console.log(
  `${cycles} workers terminated: at most ${megabytes(most)} MiB in the first ${warmUp}, ` +
    `at least ${megabytes(least)} in the last ${(cycles - warmUp) / 2}; ` +
    `descriptors ${before.descriptors}, ${after.descriptors}; ` +
    `threads ${before.threads}, ${after.threads}`,
)
assert.ok(after.descriptors <= before.descriptors, 'descriptors are left')
assert.ok(after.threads <= before.threads, 'threads are left')
if (warmUp === WARM_UP) {
  assert.ok(least < most + GROWTH_BYTES, 'memory is left')
}
assert.deepEqual(await converse(createWebSocketServer), EXPECTED)
