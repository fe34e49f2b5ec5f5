// Whose WebSocketServer a scenario is played on.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const ws = require('ws')
const ours = require('../../lib/ws/index.js')

/**
 * The real package, which says what is right, and ours on both transports. On Windows a socket has
 * no file descriptor to take over.
 */
export const IMPLEMENTATIONS = [
  { name: 'ws', api: ws, options: {} },
  ...(process.platform === 'win32' ? [] : [{ name: 'adopted', api: ours, options: {} }]),
  { name: 'bridged', api: ours, options: { transport: 'bridge' } },
]
