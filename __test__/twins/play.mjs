// Episodes over all apps and transports, with one dev server for those of the same kind.
import { within } from '../support/deadline.mjs'
import { Episode } from './episode.mjs'
import { Stage } from './stage.mjs'

/** How often an episode that went wrong is played with Vite's own server. */
const VITE_TRIES = 4
/** Verdicts on tabs that show different things, or do not take an edit. */
const WRONG = ['stale', 'deaf', 'unclear', 'failed']
/** No episode has waits that add up to more. */
const EPISODE_MS = 240_000

/**
 * Seeds are handed out in order, as evenly as they go, and each one is an episode of its own: a
 * seed, an app and a transport say all of it.
 */
export async function playAll({
  browser,
  apps,
  transports,
  seed,
  episodes,
  wanted,
  report,
  ...rest
}) {
  const cells = apps.flatMap((app) => transports.map((transport) => ({ app, transport })))
  let next = seed
  for (const [index, { app, transport }] of cells.entries()) {
    const share = Math.floor(((index + 1) * episodes) / cells.length)
    const seeds = []
    while (next < seed + share) seeds.push(next++)
    if (seeds.length > 0)
      await playCell({ browser, app, transport, seeds, wanted, report, ...rest })
  }
}

/** @param {Episode} episode */
function play(episode) {
  return within(episode.play(), 'the end of the episode', EPISODE_MS).catch((error) => ({
    verdict: error.verdict ?? 'failed',
    error,
  }))
}

/**
 * Whether the tabs do not come to show the same with Vite's own server either: a fault of Vite or of a
 * framework, which not every try shows.
 */
async function isWrongInVite(options, seed, wanted) {
  for (let tries = 0; tries < VITE_TRIES; tries++) {
    const stage = await Stage.open({ ...options, engine: 'vite' })
    try {
      const { verdict } = await play(new Episode(stage, seed, wanted))
      if (WRONG.includes(verdict)) return true
    } finally {
      await stage.close()
    }
  }
  return false
}

async function playCell({ seeds, wanted, report, ...options }) {
  let stage
  try {
    for (const seed of seeds) {
      stage ??= await Stage.open(options)
      const episode = new Episode(stage, seed, wanted)
      const outcome = await play(episode)
      if (outcome.verdict === 'right') {
        report.add({ seed, options, wanted, episode, outcome })
        continue
      }
      // Nothing of a failure is handed on.
      await stage.close()
      stage = undefined
      if (options.engine === 'native' && (await isWrongInVite(options, seed, wanted))) {
        Object.assign(outcome, { own: outcome.verdict, verdict: 'as vite' })
      }
      report.add({ seed, options, wanted, episode, outcome })
    }
  } catch (error) {
    report.addBroken(options, error)
  } finally {
    await stage?.close()
  }
}
