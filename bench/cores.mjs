import { availableParallelism } from 'node:os'

const LAST_CORE = availableParallelism() - 1

/**
 * Where processes may run: on which core the server with all its threads, and on which its clients;
 * both anywhere where nothing is said.
 *
 * @type {Record<string, { server?: number, clients?: number }>}
 */
export const SETTINGS = {
  'one core': { server: 0, clients: LAST_CORE },
  'cores free': {},
}

/**
 * A command that runs on one core, or wherever it likes.
 *
 * @param {{ command: string, args: string[], env?: Record<string, string> }} how
 * @param {number | undefined} core
 */
export function pinned(how, core) {
  if (core === undefined) return how
  return { ...how, command: 'taskset', args: ['-c', String(core), how.command, ...how.args] }
}
