import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ECHO_SERVER = fileURLToPath(new URL('echo-server.mjs', import.meta.url))
const OURS = '../../lib/ws/index.js'
const START_MS = 15_000

/**
 * Cases 9.3.1 and 9.4.1 send 65,536 parts of one message, more than the default of `ws` and ours
 * lets in (16,384).
 */
const ENOUGH_FRAGMENTS = { maxFragments: 65_536 }

/** `options` are the WebSocketServer's, beside its port. */
export const TARGETS = {
  ws: { specifier: 'ws', options: {}, env: {} },
  adopted: { specifier: OURS, options: ENOUGH_FRAGMENTS, env: {} },
  bridged: {
    specifier: OURS,
    options: ENOUGH_FRAGMENTS,
    env: { VITE_NATIVE_WS_TRANSPORT: 'bridge' },
  },
}

/**
 * An echo server in a process of its own.
 *
 * @param {keyof typeof TARGETS} name
 * @returns {Promise<{ port: number, alive(): boolean, stop(): Promise<void> }>}
 */
export async function start(name) {
  const { specifier, options, env } = TARGETS[name]
  const child = fork(ECHO_SERVER, [specifier, JSON.stringify(options)], {
    env: { ...process.env, ...env },
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const port = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name}: no server`)), START_MS)
    child.once('message', (message) => {
      clearTimeout(timer)
      resolve(message.port)
    })
    child.once('exit', (code) => reject(new Error(`${name}: the server ended with ${code}`)))
  })
  return {
    port,
    alive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
