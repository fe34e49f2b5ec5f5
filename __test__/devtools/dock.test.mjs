// The inspector in the dock of Vite DevTools, with the real packages: `npm run devtools` installs them.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import nativeWs from '../../lib/index.mjs'
import { useChromium } from '../support/browser.mjs'
import { until } from '../support/deadline.mjs'
import { startVite } from '../support/dev-server.mjs'
import { Project } from '../support/project.mjs'

const isInstalled = existsSync(new URL('node_modules/@vitejs/devtools', import.meta.url))
const FILES = {
  'index.html': '<!doctype html><script type="module" src="/main.js"></script>',
  'main.js': 'import.meta.hot.accept()\n',
}

if (isInstalled) {
  const browser = useChromium()

  for (const base of ['/', '/app/']) {
    test(`the dock opens the inspector, which hears of messages, under ${base}`, async (t) => {
      const { page, ws } = await openApplication(t, browser, { base })
      await page.goto(new URL('/__devtools/', page.url()).href)
      await page.getByRole('button', { name: 'Hot updates' }).click()
      const inspector = await inspectorIn(page)
      assert.equal(new URL(inspector.url()).pathname, `${base}__ws/`)
      await inspector.waitForSelector('#state.live')
      ws.send('from:here', 1)
      await inspector.locator('#entries .body .row', { hasText: 'from:here' }).waitFor()
    })
  }

  test('the dock in the page of the application has it too', async (t) => {
    const { page } = await openApplication(t, browser)
    // Where it is folded, the button is there and cannot be seen.
    await page
      .getByRole('button', { name: 'Hot updates', includeHidden: true })
      .dispatchEvent('click')
    const inspector = await inspectorIn(page)
    await inspector.waitForSelector('#state.live')
    await inspector.locator('#clients .body .row', { hasText: 'Chrome' }).waitFor()
  })

  test('without the inspector there is nothing in the dock', async (t) => {
    const { page } = await openApplication(t, browser, { options: { inspector: false } })
    await page.goto(new URL('/__devtools/', page.url()).href)
    await page.getByRole('button', { name: 'Settings' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Hot updates' }).count(), 0)
  })
} else {
  test('the dock of Vite DevTools (skipped: `npm run devtools` installs its packages)', {
    skip: 'its packages are not installed',
  })
}

async function openApplication(t, browser, { base = '/', options } = {}) {
  const [vite, { DevTools }] = await Promise.all([import('vite'), import('@vitejs/devtools')])
  const { root } = Project.make(t, FILES)
  // Its terminal would print a code that the page asks for.
  const plugins = [nativeWs(options), await DevTools({ clientAuth: false })]
  const { ws, port } = await startVite(t, { root, base, plugins }, { vite })
  const page = await browser.newPage()
  page.setDefaultTimeout(15_000)
  t.after(() => page.close())
  await page.goto(`http://127.0.0.1:${port}${base}`)
  await until(() => ws.clients.size === 1, 'the page to be connected')
  return { page, ws }
}

function inspectorIn(page) {
  return until(() => page.frames().find((frame) => frame.url().endsWith('/__ws/')), 'the frame')
}
