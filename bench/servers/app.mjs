// Vite's dev server with an application of some modules, on its own WebSocket server or on ours.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'vite'
import nativeWs from '../../lib/index.mjs'
import { obey } from './control.mjs'

const [kind, modules] = process.argv.slice(2)
const names = Array.from({ length: Number(modules) }, (_, number) => `module-${number}`)

const root = mkdtempSync(join(tmpdir(), 'bench-app-'))
process.on('exit', () => rmSync(root, { recursive: true, force: true }))
const write = (name, text) => writeFileSync(join(root, name), text)
write('index.html', '<script type="module" src="/main.js"></script>')
write('main.js', names.map((name) => `import './${name}.js'\n`).join(''))
for (const name of names) write(`${name}.js`, `export default '${name}'\n`)

const transport = kind === 'bridged' ? 'bridge' : 'auto'
const server = await createServer({
  root,
  configFile: false,
  logLevel: 'silent',
  plugins: kind === 'vite' ? [] : [nativeWs({ transport })],
  optimizeDeps: { noDiscovery: true, include: [] },
  server: { host: '127.0.0.1', port: 0, watch: null },
})
await server.listen()
obey({
  port: server.httpServer.address().port,
  send: (payload) => server.ws.send(payload),
  on: (event, listener) => server.ws.on(event, listener),
  clients: () => server.ws.clients.size,
})
