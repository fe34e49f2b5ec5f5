import { defineConfig } from 'vite'
import nativeWs from 'vite-native-ws'
import demo from './demo-plugin.mjs'
import trials from './trials-plugin.mjs'

export default defineConfig({
  plugins: [nativeWs(), demo(), trials()],
})
