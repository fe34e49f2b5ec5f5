// node bench/inspector.mjs: what the inspector costs while nobody has it open, and while somebody
// has. Three dev servers side by side take turns: without an inspector, with one, with a page open.
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { upgradeRequest } from '../__test__/support/handshake.mjs'

const CLIENTS = 100
const ROUNDS = 15
const BURSTS = 40
const BURST = 10
const GAP_MS = 4
const PAYLOAD = { type: 'custom', event: 'bench', data: 'x'.repeat(100) }

const KINDS = {
  'inspector: false': { options: { inspector: false } },
  'nobody watches': { options: {} },
  'one page open': { options: {}, isWatched: true },
}

if (isMainThread) await main()
else await connectAll(workerData)

async function main() {
  const stands = []
  for (const [name, kind] of Object.entries(KINDS)) stands.push(await open(name, kind))
  for (let round = -1; round < ROUNDS; round++) {
    for (const stand of stands) {
      const sample = await measure(stand)
      if (round >= 0) stand.samples.push(sample)
    }
  }
  const base = stands[0]
  console.log(`${CLIENTS} clients, ${ROUNDS} rounds of ${BURSTS * BURST} broadcasts of 150 B\n`)
  console.log('| | send(), main thread | CPU of the process for each broadcast |')
  console.log('| --- | --- | --- |')
  for (const { name, samples } of stands) {
    const cells = ['send', 'cpu'].map((field) => {
      const ratios = samples.map((sample, round) => sample[field] / base.samples[round][field])
      const micros = median(samples.map((sample) => sample[field]))
      return `${micros.toFixed(1)} µs (×${median(ratios).toFixed(2)})`
    })
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
  for (const { worker, server } of stands) {
    await worker.terminate()
    await server.close()
  }
  process.exit()
}

async function open(name, { options, isWatched = false }) {
  const { createServer, createLogger } = await import('vite')
  const { default: nativeWs } = await import('../lib/index.mjs')
  const server = await createServer({
    configFile: false,
    envFile: false,
    customLogger: createLogger('silent'),
    plugins: [nativeWs(options)],
    optimizeDeps: { noDiscovery: true, include: [] },
    server: { host: '127.0.0.1', port: 0, watch: null },
  })
  await server.listen()
  const { port } = server.httpServer.address()
  const worker = new Worker(new URL(import.meta.url), { workerData: { port, isWatched } })
  await once(worker, 'message')
  return { name, server, worker, samples: [] }
}

/** Microseconds of one `send()`, and of the process (clients included) for one broadcast. */
async function measure({ server: { ws } }) {
  const times = []
  const before = process.cpuUsage()
  for (let burst = 0; burst < BURSTS; burst++) {
    const start = performance.now()
    for (let number = 0; number < BURST; number++) ws.send(PAYLOAD)
    times.push(((performance.now() - start) / BURST) * 1000)
    await new Promise((resolve) => setTimeout(resolve, GAP_MS))
  }
  const { user, system } = process.cpuUsage(before)
  return { send: median(times), cpu: (user + system) / (BURSTS * BURST) }
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}

/** Clients that throw away what they get, in a thread of their own. */
async function connectAll({ port, isWatched }) {
  for (let number = 0; number < CLIENTS; number++) {
    const socket = net.connect(port, '127.0.0.1')
    socket.write(upgradeRequest())
    await once(socket, 'data')
    socket.resume()
  }
  if (isWatched) {
    const [page] = await once(http.get({ port, host: '127.0.0.1', path: '/__ws/' }), 'response')
    let text = ''
    for await (const chunk of page) text += chunk
    const token = /name="feed" content="([\w-]+)"/.exec(text)[1]
    const headers = { 'X-Vite-Native-WS-Token': token }
    const asked = http.get({ port, host: '127.0.0.1', path: '/__ws/feed', headers })
    const [feed] = await once(asked, 'response')
    feed.resume()
  }
  parentPort.postMessage('connected')
}
