// Every kind of update, each written once: `npm run demo -- --check` and the tests both play these.
// A step leaves the page connected and in working order, so that any order and any subset will do.

import assert from 'node:assert/strict'
import { untilOnPage } from '../support/browser.mjs'
import { openPage, watching } from './demo-site.mjs'

/** @typedef {{ name: string, run: (site: import('./demo-site.mjs').DemoSite) => Promise<void> }} Step */

/** @type {Step[]} */
export const steps = [
  { name: 'the page names the engine', run: engineShown },
  { name: 'css from a link, no reload', run: linkedStyle },
  { name: 'css from a module, no reload', run: importedStyle },
  { name: 'js the module accepts, state kept', run: acceptedModule },
  { name: 'js nobody accepts, full reload', run: fullReload },
  { name: 'syntax error: overlay, repair', run: overlay },
  { name: 'event page → plugin → page', run: roundTrip },
  { name: 'two tabs, both updated', run: twoTabs },
  { name: 'clients counted as tabs come and go', run: clientCount },
  { name: 'server restart, page back, updates', run: restart },
]

/** What breaks a connection; with Vite's own server as well, of which the demo says how it ends. */
/** @type {Step[]} */
export const trials = [
  { name: 'connection cut: back, state kept', run: connectionCut },
  { name: 'JavaScript blocked: sent all the same', run: blocked },
  { name: 'page does not read: bounded', run: unread },
]

let edits = 0

async function engineShown({ page, server, engine }) {
  await untilOnPage(page, `the page to name ${engine}`, shown, ['#engine', 'engine', engine])
  assert.equal(server.ws.stats?.().engine ?? 'vite', engine)
}

async function linkedStyle(site) {
  await stayingOnThePage(site.page, () => editStyle(site, 'src/style.css', [site.page]))
}

async function importedStyle(site) {
  await stayingOnThePage(site.page, () => editStyle(site, 'src/swatch.css', [site.page]))
}

async function acceptedModule(site) {
  await stayingOnThePage(site.page, () => editCounter(site, [site.page]))
}

async function fullReload({ page, edit }) {
  const loaded = await mark(page)
  const greeting = `edit ${++edits}`
  await edit('src/greeting.mjs', (source) => source.replace(/'.*'/, `'${greeting}'`))
  await reloaded(page, loaded)
  assert.equal(await page.textContent('#greeting'), greeting)
}

async function overlay({ page, edit }) {
  await stayingOnThePage(page, async () => {
    await page.dispatchEvent('#increment', 'click')
    const count = await page.textContent('#count')
    let intact
    await edit('src/counter.mjs', (source) => {
      intact = source
      // Plain JavaScript is only scanned for imports, so it takes an open bracket to stop Vite.
      return `${source}\nconst broken = {\n`
    })
    await untilOnPage(page, 'the overlay to name the broken file', () =>
      document
        .querySelector('vite-error-overlay')
        ?.shadowRoot?.textContent.includes('src/counter.mjs'),
    )
    await edit('src/counter.mjs', () => `${intact}\n// repaired ${++edits}\n`)
    await untilOnPage(
      page,
      'the overlay to go',
      () => !document.querySelector('vite-error-overlay'),
    )
    assert.equal(await page.textContent('#count'), count)
  })
}

async function roundTrip({ context, page, url }) {
  const bystander = await openPage(context, url)
  try {
    const before = await page.$eval('#pong', ({ dataset }) => Number(dataset.answered ?? 0))
    await page.dispatchEvent('#ping', 'click')
    await untilOnPage(
      page,
      'an answer',
      (n) => document.querySelector('#pong').dataset.answered > n,
      before,
    )
    // A second tab's own answer comes after whatever the first one's ping had sent it.
    await bystander.dispatchEvent('#ping', 'click')
    await untilOnPage(bystander, 'an answer of its own', () =>
      document.querySelector('#pong').hasAttribute('data-answered'),
    )
    const [mine, theirs] = await Promise.all(
      [page, bystander].map((tab) => tab.$eval('#pong', ({ dataset }) => Number(dataset.answered))),
    )
    assert.equal(theirs, mine + 1, 'an answer goes to the client that asked and to no other')
  } finally {
    await bystander.close()
  }
}

async function twoTabs(site) {
  const second = await openPage(site.context, site.url)
  try {
    const tabs = [site.page, second]
    const marks = await Promise.all(tabs.map(mark))
    await editStyle(site, 'src/style.css', tabs)
    await editCounter(site, tabs)
    await Promise.all(tabs.map((tab, index) => notReloaded(tab, marks[index])))
  } finally {
    await second.close()
  }
}

async function clientCount({ context, page, server, url }) {
  await showsClients([page], 1)
  const second = await openPage(context, url)
  try {
    await showsClients([page, second], 2)
    assert.equal(server.ws.clients.size, 2)
    assert.equal(server.ws.stats?.().clients ?? 2, 2)
  } finally {
    await second.close()
  }
  await showsClients([page], 1)
  assert.equal(server.ws.clients.size, 1)
  assert.equal(server.ws.stats?.().clients ?? 1, 1)
}

async function restart(site) {
  const { page, server } = site
  const { ws } = server
  const loaded = await mark(page)
  await server.restart()
  assert.notEqual(server.ws, ws, 'a restart makes a new WebSocket server')
  await reloaded(page, loaded)
  await watching(server)
  await engineShown(site)
  await acceptedModule(site)
  await showsClients([page], 1)
}

async function connectionCut({ page, engine }) {
  const loaded = await mark(page)
  await page.fill('#sentence', 'half a sentence')
  const result = await tryOut(page, 'cut')
  if (engine === 'vite') return assert.match(result, /^Reloaded after .+ is lost\.$/)
  assert.match(result, /^Back after .+ meanwhile arrived\.$/)
  await notReloaded(page, loaded)
  assert.equal(await page.inputValue('#sentence'), 'half a sentence')
  await untilOnPage(page, 'the engine to be shown again', () =>
    document.querySelector('#engine').hasAttribute('data-engine'),
  )
}

async function blocked({ page, server }) {
  const result = await tryOut(page, 'block')
  const [arrived, free] = result.match(/[\d.]+(?= s)/g).map(Number)
  assert.ok(free >= 3, result)
  // Where Node moves the bytes, with Vite's own server and on a bridge, they wait.
  if (server.ws.stats?.().adopted > 0) assert.ok(arrived < 3, result)
  else assert.ok(arrived >= 3, result)
}

async function unread({ page, engine }) {
  const result = await tryOut(page, 'unread')
  const [mostWaiting] = result.match(/\d+(?= MiB)/).map(Number)
  const isBounded = engine === 'native'
  assert.match(result, isBounded ? /told to reload\.$/ : /read all of it\.$/)
  assert.ok(isBounded ? mostWaiting <= 64 : mostWaiting > 64, result)
}

/** What the page says in the end, perhaps after a reload. */
async function tryOut(page, name) {
  await page.dispatchEvent(`#${name}`, 'click')
  const result = `#${name}-result`
  await untilOnPage(page, `the end of ${name}`, isTold, result)
  return page.textContent(result)
}

async function editStyle({ edit }, file, tabs) {
  const property = `--edit-${++edits}`
  await edit(file, (source) => `${source}\n:root { ${property}: ${edits} }\n`)
  await inEach(tabs, `the change of ${file}`, appliedStyle, property)
}

/** The count shows that state was kept, the size of the next step that the new code runs. */
async function editCounter({ edit }, tabs) {
  const counts = await Promise.all(
    tabs.map(async (tab) => {
      await tab.dispatchEvent('#increment', 'click')
      return Number(await tab.textContent('#count'))
    }),
  )
  const step = 100 + ++edits
  await edit('src/counter.mjs', (source) =>
    source.replace(/const step = \d+/, `const step = ${step}`),
  )
  await inEach(tabs, 'the new counter', shown, ['#increment', 'textContent', `+${step}`])
  for (const [index, tab] of tabs.entries()) {
    assert.equal(Number(await tab.textContent('#count')), counts[index])
    await tab.dispatchEvent('#increment', 'click')
    assert.equal(Number(await tab.textContent('#count')), counts[index] + step)
  }
}

async function showsClients(tabs, number) {
  await inEach(tabs, `${number} clients`, shown, ['#clients', 'textContent', String(number)])
}

async function inEach(tabs, what, condition, arg) {
  await Promise.all(tabs.map((tab) => untilOnPage(tab, what, condition, arg)))
}

async function stayingOnThePage(page, action) {
  const loaded = await mark(page)
  await action()
  await notReloaded(page, loaded)
}

/** What is set on `window` lives exactly as long as the document does. */
async function mark(page) {
  const loaded = `mark ${++edits}`
  await page.evaluate((value) => Object.assign(window, { loaded: value }), loaded)
  return loaded
}

async function notReloaded(page, loaded) {
  assert.equal(await page.evaluate(() => window.loaded), loaded, 'the page was reloaded')
}

async function reloaded(page, loaded) {
  const ready = (value) =>
    window.loaded !== value && document.querySelector('#engine')?.hasAttribute('data-engine')
  await untilOnPage(page, 'the page to be reloaded and connected', ready, loaded)
}

// Those below run in the page and see nothing of this file.

function shown([selector, name, value]) {
  const element = document.querySelector(selector)
  return element?.[name] === value || element?.dataset[name] === value
}

function isTold(selector) {
  return document.querySelector(selector)?.textContent.endsWith('.')
}

function appliedStyle(property) {
  return getComputedStyle(document.documentElement).getPropertyValue(property) !== ''
}
