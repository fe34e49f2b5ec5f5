import { defineConfig } from 'vite'
import nativeWs from 'vite-native-ws'
import demo from './demo-plugin.mjs'

export default defineConfig({
  plugins: [nativeWs(), demo()],
})
