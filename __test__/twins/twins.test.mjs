// A handful of the episodes that `npm run twins` plays, the same in every run.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { launchChromium } from '../../scripts/browser.mjs'
import { lacksFirefox, launchFirefox } from '../support/firefox.mjs'
import { appNamed } from './apps/index.mjs'
import { playAll } from './play.mjs'
import { Report } from './report.mjs'

/** Each kind of outage comes once at least, with an update of a kind that it can lose. */
const PLAYED = [
  { app: 'vanilla', transport: 'adopted', seed: 1, episodes: 8 },
  { app: 'vue8', transport: 'adopted', seed: 21, episodes: 8 },
  { app: 'vue8', transport: 'bridged', seed: 100, episodes: 2 },
  { app: 'vanilla', transport: 'https', seed: 200, episodes: 2 },
]

const PLAYED_IN_FIREFOX = [
  { app: 'vanilla', transport: 'adopted', seed: 4, episodes: 2 },
  { app: 'vue8', transport: 'adopted', seed: 13, episodes: 2 },
]

playIn('Chromium', () => launchChromium(console.log), PLAYED)
playIn('Firefox', launchFirefox, PLAYED_IN_FIREFOX, lacksFirefox())

function playIn(name, launch, played, skip = false) {
  describe(`a tab that was cut beside one that never was, in ${name}`, { skip }, () => {
    let browser
    before(async () => {
      browser = await launch()
    })
    after(() => browser?.close())

    for (const { app, transport, ...range } of played) {
      it(`shows the same after each outage: ${app}, ${transport}, from seed ${range.seed}`, async () => {
        const lines = []
        const report = new Report({ engine: 'native', say: (line) => lines.push(line) })
        await playAll({
          browser,
          apps: [appNamed(app)],
          transports: [transport],
          engine: 'native',
          deadline: 15_000,
          wanted: {},
          report,
          ...range,
        })
        assert.ok(report.conclude(), lines.join('\n'))
      })
    }
  })
}
