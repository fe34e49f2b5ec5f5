// npm run screenshot: plays the demo in headless Chromium and takes the README's picture of the
// inspector, docs/inspector.png.
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openDemo, openPage } from '../__test__/demo/demo-site.mjs'
import { steps } from '../__test__/demo/steps.mjs'
import { dial, RawClient, REQUEST } from '../__test__/support/raw-client.mjs'
import { launchChromium } from './browser.mjs'

const FILE = fileURLToPath(new URL('../docs/inspector.png', import.meta.url))
const MOST_BYTES = 200 * 1024
const VIEW = { width: 1280, height: 760 }
const PLAYED = ['no reload', 'state kept', 'page → plugin', 'full reload', 'overlay']

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
    [...document.querySelectorAll('.client .state')].some(
      ({ textContent }) => textContent === 'does not read',
    ),
  )
  await page.fill('#filter-text', '.css')
  await page.locator('.list .entry', { hasText: '.css' }).last().click()
  await page.waitForFunction(() =>
    document.querySelector('#detail-payload').textContent.includes('"type"'),
  )
  await page.fill('#filter-text', '')
  await page.mouse.move(0, 0)
  await page.screenshot({ path: FILE })
  stalled.destroy()
  await second.close()
} finally {
  await site.close()
  await browser.close()
}
const { size } = statSync(FILE)
say(`${FILE}, ${Math.round(size / 1024)} KiB`)
if (size > MOST_BYTES) {
  console.error(`screenshot: it is larger than ${MOST_BYTES / 1024} KiB`)
  process.exitCode = 1
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
