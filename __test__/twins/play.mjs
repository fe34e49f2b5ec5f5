// Episodes over all apps and transports, with one dev server for those of the same kind.
import { within } from '../support/deadline.mjs'
import { Episode } from './episode.mjs'
import { Stage } from './stage.mjs'

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

async function playCell({ seeds, wanted, report, ...options }) {
  let stage
  try {
    for (const seed of seeds) {
      stage ??= await Stage.open(options)
      const episode = new Episode(stage, seed, wanted)
      const outcome = await within(episode.play(), 'the end of the episode', EPISODE_MS).catch(
        (error) => ({ verdict: error.verdict ?? 'failed', error }),
      )
      report.add({ seed, options, wanted, episode, outcome })
      if (outcome.verdict === 'right') continue
      // Nothing of a failure is handed on.
      await stage.close()
      stage = undefined
    }
  } catch (error) {
    report.addBroken(options, error)
  } finally {
    await stage?.close()
  }
}
