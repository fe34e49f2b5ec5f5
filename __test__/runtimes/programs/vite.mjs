// A Vite dev server with the plugin: an edited file reaches a client, and the process ends.
import assert from 'node:assert/strict'
import * as vite from 'vite'
import nativeWs from 'vite-native-ws'
import { edit } from './editing.cjs'

const seen = await edit({ vite, plugins: [nativeWs()] })
assert.deepEqual(seen, { engine: 'native', path: '/main.js', warnings: [] })
