// npm run screenshot: plays the demo in headless Chromium and takes the README's pictures of it and
// of the inspector, docs/demo.png and docs/inspector.png; with --all FOLDER also those of the
// inspector in other sizes and in the dark scheme.
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openDemo, openPage } from '../__test__/demo/demo-site.mjs'
import { steps, trials } from '../__test__/demo/steps.mjs'
import { dial, RawClient, REQUEST } from '../__test__/support/raw-client.mjs'
import { launchChromium } from './browser.mjs'

const FILE = fileURLToPath(new URL('../docs/inspector.png', import.meta.url))
const DEMO_FILE = fileURLToPath(new URL('../docs/demo.png', import.meta.url))
const MOST_BYTES = 200 * 1024
const DEMO_VIEW = { width: 940, height: 1400 }
const VIEW = { width: 1280, height: 860 }
/** 200 % zoom halves the pixels that a page has. */
const OTHER_VIEWS = [
  { name: '1280-dark', viewport: VIEW, colorScheme: 'dark' },
  { name: '900', viewport: { width: 900, height: 760 } },
  { name: '400', viewport: { width: 400, height: 760 } },
  { name: '400-dark', viewport: { width: 400, height: 760 }, colorScheme: 'dark' },
  { name: '1280-zoom-200', viewport: { width: 640, height: 380 }, deviceScaleFactor: 2 },
]
const PLAYED = ['no reload', 'state kept', 'page → plugin', 'full reload', 'overlay']

const { values } = parseArgs({ options: { all: { type: 'string' } } })
const say = (line) => console.log(`screenshot: ${line}`)
const browser = await launchChromium(say)
const site = await openDemo({ browser })
try {
  const page = await browser.newPage({ viewport: VIEW })
  await page.goto(`${site.url}__ws/`)
  await page.waitForSelector('#state.live')
  const second = await openPage(site.context, site.url)
  const third = await openPage(site.context, site.url)
  for (const step of steps.filter(({ name }) => PLAYED.some((part) => name.includes(part)))) {
    say(step.name)
    await step.run(site)
  }
  await third.close()
  const stalled = await stall(site)
  await page.waitForFunction(() =>
    [...document.querySelectorAll('#clients .state')].some(
      ({ textContent }) => textContent === 'does not read',
    ),
  )
  await page.fill('#filter-text', '.css')
  await page.locator('#entries .body .row', { hasText: '.css' }).last().click()
  await page.waitForFunction(() =>
    document.querySelector('#detail-payload').textContent.includes('"type"'),
  )
  await page.fill('#filter-text', '')
  await page.mouse.move(0, 0)
  await page.screenshot({ path: FILE })
  if (values.all) await takeOthers(values.all, page.url())
  stalled.destroy()
  await second.close()
  await takeDemo(site)
} finally {
  await site.close()
  await browser.close()
}
for (const file of [FILE, DEMO_FILE]) checkSize(file)

/** What breaks a connection, and how that ended. The cut comes last: it leaves what was written. */
async function takeDemo({ page, ...rest }) {
  await page.setViewportSize(DEMO_VIEW)
  for (const step of trials.toReversed()) {
    say(step.name)
    await step.run({ page, ...rest })
  }
  await page.mouse.move(0, 0)
  await page.locator('#trials').screenshot({ path: DEMO_FILE })
}

function checkSize(file) {
  const { size } = statSync(file)
  say(`${file}, ${Math.round(size / 1024)} KiB`)
  if (size > MOST_BYTES) {
    console.error(`screenshot: it is larger than ${MOST_BYTES / 1024} KiB`)
    process.exitCode = 1
  }
}

/** Whole pages, which are longer than the window where it is small. */
async function takeOthers(folder, address) {
  mkdirSync(folder, { recursive: true })
  for (const { name, ...options } of OTHER_VIEWS) {
    const page = await browser.newPage(options)
    await page.goto(address)
    await page.waitForSelector('#clients .body .row')
    await page.fill('#filter-text', 'error')
    await page.locator('#entries .body .row', { hasText: 'error' }).last().click()
    const path = join(folder, `inspector-${name}.png`)
    await page.screenshot({ path, fullPage: true })
    await page.close()
    say(path)
  }
}

/** A client that does not read, until it has lost something. */
async function stall({ server }) {
  const { port } = server.httpServer.address()
  const stalled = new RawClient(dial(port))
  stalled.write(REQUEST)
  await stalled.answered()
  stalled.socket.pause()
  const { overflows } = server.ws.stats()
  while (server.ws.stats().overflows === overflows) {
    server.ws.send('demo:filler', 'x'.repeat(2 ** 22))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return stalled.socket
}
