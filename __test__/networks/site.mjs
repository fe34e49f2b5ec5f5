// An application with a form, a module that is edited, and a tab on it.

import assert from 'node:assert/strict'
import * as terminal from '../../lib/check/dial.mjs'
import { examine } from '../../lib/check/page/examination.mjs'
import nativeWs from '../../lib/index.mjs'
import { until } from '../support/deadline.mjs'
import { isWatching, startVite } from '../support/dev-server.mjs'
import { Project } from '../support/project.mjs'

const PAGE = `<!doctype html>
<title>a form</title>
<link rel="icon" href="data:," />
<input id="form" />
<p id="value"></p>
<script type="module" src="/main.js"></script>
`
const MAIN = `import { value } from './value.js'
const show = (text) => (document.getElementById('value').textContent = text)
show(value)
import.meta.hot.accept('./value.js', (module) => show(module.value))
`

export function makeProject(t) {
  const project = Project.make(t, { 'index.html': PAGE, 'main.js': MAIN })
  const edit = (value) => project.write('value.js', `export const value = '${value}'\n`)
  edit('first')
  return { root: project.root, edit }
}

/** A dev server that watches its files. */
export async function serveProject(
  t,
  { plugins = [], server, ...config } = {},
  { options, vite } = {},
) {
  const { root, edit } = makeProject(t)
  const all = { root, ...config, plugins: [...plugins, nativeWs(options)] }
  const started = await startVite(t, { ...all, server: { watch: undefined, ...server } }, { vite })
  return { ...started, port: started.port, root, edit }
}

/** The check has nothing to say against an address. */
export async function isConnected(address, watch = 1_000) {
  const { diagnosis, facts } = await examine(address, terminal, { watch })
  assert.equal(diagnosis.cause, 'connected', JSON.stringify({ diagnosis, facts }, null, 2))
}

/** A tab with a text in its form. */
export async function openTab(t, browser, address) {
  const page = await browser.newPage({ ignoreHTTPSErrors: true })
  t.after(() => page.close())
  await page.goto(address)
  await page.fill('#form', 'typed')
  return {
    page,
    async shows(value) {
      await page.waitForFunction(
        (text) => document.getElementById('value').textContent === text,
        value,
      )
    },
    async hasKeptItsForm() {
      assert.equal(await page.inputValue('#form'), 'typed')
    },
  }
}

/** An edit reaches a tab without a reload. */
export async function isUpdated(tab, { server, root, edit }, value) {
  await until(() => isWatching(server, root, 'value.js'), 'the file watcher')
  edit(value)
  await tab.shows(value)
  await tab.hasKeptItsForm()
}
