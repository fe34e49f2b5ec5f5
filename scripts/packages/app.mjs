// A fresh Vite app: what a user writes after reading the README, and a plugin that tells which
// engine serves it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The configurations of the app; each is a way of loading this package. */
export const configs = ['vite.config.mjs', 'vite.config.cjs']

/** A module of the app; its text is what the page shows. */
export const text = (shown) => `export const text = '${shown}'\n`

const files = {
  'package.json': '{ "name": "fresh-app", "version": "0.0.0", "private": true }\n',
  'index.html': '<p id="text"></p><script type="module" src="/src/main.js"></script>\n',
  'src/text.js': text('before'),
  'src/main.js': `import { text } from './text.js'

const show = (text) => {
  document.querySelector('#text').textContent = text
}
show(text)
import.meta.hot.accept('./text.js', (module) => show(module.text))
`,
  'vite.config.mjs': `import nativeWs from 'vite-native-ws'
import engine from './engine.cjs'

export default { plugins: [nativeWs(), engine()] }
`,
  'vite.config.cjs': `const { nativeWs } = require('vite-native-ws')
const engine = require('./engine.cjs')

module.exports = { plugins: [nativeWs(), engine()] }
`,
  'engine.cjs': `const path = require('node:path')

module.exports = () => ({
  name: 'engine',
  configureServer(server) {
    server.middlewares.use('/engine', (request, response) => {
      const watched = server.watcher.getWatched()[path.join(server.config.root, 'src')] ?? []
      response.end(
        JSON.stringify({
          ...server.ws.stats?.(),
          binaries: Object.keys(require.cache).filter((file) => file.endsWith('.node')),
          isWatching: watched.includes('text.js'),
        }),
      )
    })
  },
})
`,
  'ws.cjs': `const { WebSocketServer } = require('vite-native-ws/ws')

new WebSocketServer({ port: 0 }, function () {
  this.close(() => console.log('closed'))
})
`,
  'ws.mjs': `import { WebSocketServer } from 'vite-native-ws/ws'

const server = new WebSocketServer({ port: 0 }, () => server.close(() => console.log('closed')))
`,
  'types/vite.config.mts': `import { defineConfig } from 'vite'
import nativeWs from 'vite-native-ws'
export default defineConfig({ plugins: [nativeWs({ keepalive: 10_000 })] })
`,
  'types/server.cts': `import ws = require('vite-native-ws/ws')
import { nativeWs } from 'vite-native-ws'
export const server = new ws.WebSocketServer({ noServer: true })
export const plugins = [nativeWs()]
// @ts-expect-error Not an option.
nativeWs({ keepAlive: 1 })
`,
  'tsconfig.json': `{
  "compilerOptions": {
    "module": "nodenext",
    "noEmit": true,
    "skipLibCheck": true,
    "strict": true,
    "target": "es2023",
    "types": ["node"]
  },
  "include": ["types"]
}
`,
}

/** @param {string} app a folder, which is made */
export function writeApp(app) {
  for (const [name, content] of Object.entries(files)) {
    const path = join(app, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}
