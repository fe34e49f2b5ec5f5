'use strict'

// A Vite dev server, one client and one edited file: who served the update, and what was said.
const { once } = require('node:events')
const { mkdtempSync, realpathSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const WebSocket = require('ws')

const EDIT_EVERY_MS = 200

async function edit({ vite: { createLogger, createServer }, plugins }) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'runtimes-vite-')))
  const file = join(root, 'main.js')
  const write = (value) =>
    writeFileSync(file, `import.meta.hot.accept()\nexport const value = ${value}\n`)
  write(0)
  const warnings = []
  const customLogger = createLogger('error')
  for (const level of ['warn', 'warnOnce', 'error']) {
    customLogger[level] = (text) => warnings.push(text)
  }
  const server = await createServer({
    root,
    configFile: false,
    envDir: false,
    customLogger,
    optimizeDeps: { noDiscovery: true, include: [] },
    plugins,
    server: { host: '127.0.0.1', port: 0 },
  })
  await server.listen()
  const { port } = server.httpServer.address()
  const url = `ws://127.0.0.1:${port}/?token=${server.config.webSocketToken}`
  const socket = new WebSocket(url, 'vite-hmr')
  const updated = new Promise((resolve) => {
    socket.on('message', (data) => {
      const payload = JSON.parse(String(data))
      if (payload.type === 'update') resolve(payload.updates[0].path)
    })
  })
  await once(socket, 'message')
  await server.transformRequest('/main.js')
  let value = 0
  // An edit made before the watcher has seen the file goes unnoticed.
  const editing = setInterval(() => write(++value), EDIT_EVERY_MS)
  const path = await updated
  clearInterval(editing)
  const engine = server.ws.stats?.().engine ?? 'vite'
  socket.terminate()
  await server.close()
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  return { engine, path, warnings }
}

module.exports = { edit }
