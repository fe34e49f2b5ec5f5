// The servers that the catalogue is played against.
import { Program } from '../support/program.mjs'

const ECHO_SERVER = new URL('echo-server.mjs', import.meta.url)
const OURS = '../../lib/ws/index.js'

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
 * @returns {Promise<Program>} whose `about` has its port
 */
export function start(name) {
  const { specifier, options, env } = TARGETS[name]
  return Program.start(undefined, ECHO_SERVER, { specifier, options }, { env })
}
