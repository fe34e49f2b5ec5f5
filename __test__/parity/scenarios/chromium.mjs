import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { selfSigned } from '../../support/certificate.mjs'
import { listen } from '../../support/port.mjs'
import { openTab } from '../tab.mjs'

const PAGE = (title) => `<!doctype html><html><body><h1>${title}</h1><p id="value"></p>
<p id="said"></p><script type="module" src="/main.js"></script></body></html>
`
const PART = (value) => `export const value = '${value}'
document.querySelector('#value').textContent = value
if (import.meta.hot) import.meta.hot.accept()
`
const FILES = {
  'index.html': PAGE('one'),
  'main.js': `import './style.css'
import './part.js'
import './accepts.js'
import.meta.hot.on('to:browser', (data) => {
  document.querySelector('#said').textContent = data
  import.meta.hot.send('to:server', data)
})
window.parityConnected = true
`,
  'accepts.js': `import { rejects } from './rejects.js'
if (rejects > 1) document.querySelector('#said').textContent = 'invalidated'
import.meta.hot.accept()
`,
  'part.js': PART('first'),
  'rejects.js': REJECTS(1),
  'style.css': 'h1 { color: rgb(1, 1, 1) }\n',
}

function REJECTS(n) {
  return `export const rejects = ${n}
if (import.meta.hot) import.meta.hot.accept(() => import.meta.hot.invalidate('on purpose'))
`
}

/** Everything a developer does in one page, one after another. */
async function walk(t, server, url) {
  const tab = await openTab(t, url)
  await tab.connected()
  await t.until(() => server.ws.clients.size > 0, 'the tab is connected')
  await tab.mark()
  await tab.text('#value', 'first')
  t.edit(server, 'part.js', PART('second'))
  await tab.text('#value', 'second')
  t.edit(server, 'style.css', 'h1 { color: rgb(2, 2, 2) }\n')
  await tab.page.waitForFunction(
    `getComputedStyle(document.querySelector('h1')).color === 'rgb(2, 2, 2)'`,
  )
  const said = new Promise((resolve) => server.ws.on('to:server', resolve))
  server.ws.send('to:browser', 'grüße')
  assert.equal(await t.within(said, 'the answer of the browser'), 'grüße')
  t.edit(server, 'rejects.js', REJECTS(2))
  await tab.text('#said', 'invalidated')
  assert.equal(await tab.isMarked(), true)
  t.edit(server, 'part.js', 'syntax error (')
  await tab.page.waitForSelector('vite-error-overlay', { state: 'attached' })
  t.edit(server, 'part.js', PART('third'))
  await tab.text('#value', 'third')
  await tab.mark()
  t.edit(server, 'index.html', PAGE('two'))
  await tab.text('h1', 'two')
  await tab.reloaded()
  await tab.connected()
  return tab
}

/** After a restart the page finds the new server by itself and reloads. */
async function restart(t, server, tab) {
  await t.until(() => server.ws.clients.size > 0, 'the tab is connected again')
  await tab.mark()
  await server.restart()
  t.assertEngine(server)
  await tab.reloaded()
  await tab.connected()
  await t.until(() => server.ws.clients.size > 0, 'the tab is connected to the new server')
  t.edit(server, 'part.js', PART('fourth'))
  await tab.text('#value', 'fourth')
  t.observe('errors', tab.errors)
}

const needs = 'chromium'

export default [
  {
    name: 'chromium_http',
    covers: 'a tab in Chromium over HTTP: every kind of update, and a restart',
    needs,
    async run(t) {
      const server = await t.start({}, { files: FILES })
      const tab = await walk(t, server, `http://127.0.0.1:${server.port}/`)
      await restart(t, server, tab)
    },
  },
  {
    name: 'chromium_https',
    covers: 'a tab in Chromium over HTTPS: every kind of update',
    needs,
    async run(t) {
      const server = await t.start({ server: { https: await selfSigned() } }, { files: FILES })
      const tab = await walk(t, server, `https://127.0.0.1:${server.port}/`)
      t.observe('errors', tab.errors)
    },
  },
  {
    name: 'chromium_own_port',
    covers: 'a tab in Chromium with the socket on a port of its own, and a restart',
    needs,
    async run(t) {
      const hmr = { port: await t.freePort() }
      const server = await t.start({ server: { hmr } }, { files: FILES })
      const tab = await walk(t, server, `http://127.0.0.1:${server.port}/`)
      await restart(t, server, tab)
    },
  },
  {
    name: 'chromium_middleware',
    covers: "a tab in Chromium with the user's HTTP server",
    needs,
    async run(t) {
      const http = createServer((req, res) => http.vite.middlewares(req, res))
      await listen(http)
      t.defer(() => {
        http.closeAllConnections()
        http.close()
      })
      const server = await t.start(
        { server: { middlewareMode: true, hmr: { server: http } } },
        { listen: false, files: FILES },
      )
      http.vite = server
      const tab = await walk(t, server, `http://127.0.0.1:${http.address().port}/`)
      t.observe('errors', tab.errors)
    },
  },
]
