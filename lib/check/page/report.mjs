/** @typedef {import('./facts.mjs').Facts} Facts */
/** @typedef {import('./facts.mjs').Result} Result */
/** @typedef {import('./facts.mjs').Sight} Sight */

/**
 * An attempt in one line, for people.
 *
 * @param {Result} result
 */
export function describeResult({ state, status, error, closedAfter, messages, seen }) {
  const ends = {
    open: closedAfter === undefined ? 'connects' : `connects, cut after ${closedAfter} ms`,
    failed: `fails${status ? ` with status ${status}` : error ? ` (${error})` : ''}`,
    blocked: 'is not allowed by the browser',
  }
  const silence = state === 'open' && messages === 0 ? ', nothing arrives' : ''
  return `${ends[state]}${silence}; ${describeSeen(seen)}`
}

/** @param {Sight[] | undefined} seen */
function describeSeen(seen) {
  if (!seen) return 'the server was not asked'
  const sight = seen.at(-1)
  if (!sight) return 'the server did not see it'
  if (sight.kind === 'request') return `the server saw ${sight.path} without an upgrade`
  const words = {
    accepted: 'the server accepted it',
    refused: `the server refused it: ${sight.reason}`,
    left: `the server saw ${sight.path}, which is not its own`,
    taken: `another listener had it (${sight.reason})`,
    broken: `another listener broke it (${sight.reason})`,
  }
  return sight.result ? words[sight.result] : 'the server saw it'
}
