// Says how the package behaves where its binary cannot be loaded.
import http from 'node:http'
import * as vite from 'vite'
import nativeWs, { createWebSocketServer } from 'vite-native-ws'
import { edit } from './editing.cjs'

const errors = []
for (let count = 0; count < 2; count++) {
  try {
    createWebSocketServer(http.createServer(), {})
  } catch ({ code, message }) {
    errors.push({ code, message })
  }
}
const seen = await edit({ vite, plugins: [nativeWs()] })
console.log(`\n${JSON.stringify({ ...seen, errors })}`)
// Bun and Deno may be held by what Vite leaves open; what is asked here is how they serve.
process.exit()
