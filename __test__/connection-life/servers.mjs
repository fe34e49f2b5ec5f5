// Dev servers in processes of their own, and what carries their WebSockets.
import { Program } from '../support/program.mjs'
import { makeTwoModules } from '../support/two-modules.mjs'

/** The ways in which a connection of ours can travel. */
export const TRANSPORTS = ['adopted', 'bridged']

/** Vite's own server, for comparison. */
export const VITE = 'vite'

const program = (name) => new URL(`programs/${name}.mjs`, import.meta.url)

/**
 * A Vite dev server with a page of two modules.
 *
 * @param {string} carrier One of `TRANSPORTS`, or `VITE`
 * @param {object} [given]
 * @param {object} [given.options] Of the plugin
 * @param {boolean} [given.watch] Whether edits are noticed
 */
export async function startDevServer(t, carrier, { options = {}, watch } = {}) {
  const { root, edit } = makeTwoModules(t)
  const server = await Program.start(t, program('dev-server'), { carrier, root, options, watch })
  return { server, edit }
}

/** A client that can be stopped as a laptop's lid or a debugger would. */
export function startClient(t, port) {
  return Program.start(t, program('client'), { port })
}

/** Clients that send as much as the server takes; see programs/flooder.mjs. */
export function startFlooder(t, port, load) {
  return Program.start(t, program('flooder'), { port, ...load })
}
