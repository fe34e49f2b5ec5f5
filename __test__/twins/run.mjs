// Random edits and random outages, with a tab that was never cut beside the one that was.
//
//   npm run twins -- [--seed N] [--episodes K] [--app NAME]… [--transport adopted|bridged|https]…
//                    [--outage KIND] [--tabs 1|2] [--engine native|vite] [--deadline MS]
//                    [--browser chromium|firefox]
import { parseArgs } from 'node:util'
import { launchChromium } from '../../scripts/browser.mjs'
import { lacksFirefox, launchFirefox } from '../support/firefox.mjs'
import { APPS, appNamed } from './apps/index.mjs'
import { OUTAGE_KINDS } from './plan.mjs'
import { playAll } from './play.mjs'
import { Report } from './report.mjs'

const BROWSERS = {
  chromium: () => launchChromium(console.log),
  firefox: () => {
    if (lacksFirefox()) throw new Error(lacksFirefox())
    return launchFirefox()
  },
}
const TRANSPORTS = ['adopted', 'bridged', 'https']

const { values: given } = parseArgs({
  options: {
    app: { type: 'string', multiple: true },
    browser: { type: 'string', default: 'chromium' },
    deadline: { type: 'string', default: '15000' },
    engine: { type: 'string', default: 'native' },
    episodes: { type: 'string', default: '500' },
    outage: { type: 'string' },
    seed: { type: 'string', default: '1' },
    tabs: { type: 'string' },
    transport: { type: 'string', multiple: true },
  },
})

function oneOf(name, value, list) {
  if (list.includes(value)) return value
  console.error(`--${name} is one of ${list.join(', ')}; it was ${value}`)
  process.exit(2)
}

function number(name) {
  const value = Number(given[name])
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`--${name} is a whole number; it was ${given[name]}`)
  process.exit(2)
}

const apps = (given.app ?? APPS.map(({ name }) => name)).map((name) => {
  oneOf(
    'app',
    name,
    APPS.map((app) => app.name),
  )
  return appNamed(name)
})
const transports = given.transport ?? TRANSPORTS
for (const transport of transports) oneOf('transport', transport, TRANSPORTS)
const engine = oneOf('engine', given.engine, ['native', 'vite'])
if (given.outage) oneOf('outage', given.outage, OUTAGE_KINDS)
if (given.tabs) oneOf('tabs', given.tabs, ['1', '2'])

const launch = BROWSERS[oneOf('browser', given.browser, Object.keys(BROWSERS))]

const report = new Report({ engine, say: console.log })
const browser = await launch()
try {
  await playAll({
    browser,
    apps,
    transports,
    engine,
    deadline: number('deadline'),
    seed: number('seed'),
    episodes: number('episodes'),
    wanted: {
      outage: given.outage,
      isSingle: given.tabs ? given.tabs === '1' : undefined,
    },
    report,
  })
} finally {
  await browser.close()
}
process.exitCode = report.conclude() ? 0 : 1
