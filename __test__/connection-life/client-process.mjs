// A process with one client, to be stopped as a laptop's lid or a debugger would.
import WebSocket from 'ws'
import { answer, settings } from './commands.mjs'

const socket = new WebSocket(`ws://127.0.0.1:${settings().port}`, 'vite-hmr')
const connected = new Promise((resolve) => socket.once('message', resolve))
const closed = new Promise((resolve) => socket.once('close', resolve))
socket.on('error', () => {})

answer({
  about: () => connected.then(String),
  closeCode: () => closed,
})
