// A dev server in a process of its own: Vite is an ES module, which Jest does not load without flags.
import { createServer } from 'vite'
import nativeWs from 'vite-native-ws'
import { wordCount } from './word-count.js'

const vite = await createServer({
  configFile: false,
  logLevel: 'error',
  plugins: [nativeWs(), wordCount()],
  server: { host: '127.0.0.1', port: 0, watch: null },
})
await vite.listen()
const { port } = vite.httpServer.address()
process.send(`ws://127.0.0.1:${port}`)
process.once('disconnect', () => vite.close())
