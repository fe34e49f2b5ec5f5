// An edit of a component that a tab of Chromium shows.
import { openTab } from './tab.mjs'

// A first visit while dependencies are bundled may end in a module that is gone before Vite's
// client is loaded; then only the developer's own reload helps, whatever the server.
export async function connected(t, app, tab, visits = 4) {
  const isConnected = async () => (await app.engine()).clients > 0
  for (let visit = 1; visit < visits; visit += 1) {
    const soon = t.until(isConnected, 'the tab is connected', 6_000)
    if (await soon.catch(() => false)) return
    await tab.page.reload({ waitUntil: 'load' })
  }
  await t.until(isConnected, 'the tab is connected')
}

/** Loads the page, counts in it, edits a component: the text is new and the page the same. */
export async function editComponent(t, app, { path = '', title = 'h1', file, text, count }) {
  const tab = await openTab(t, `${app.url}${path}`)
  await tab.text(title, 'first')
  await connected(t, app, tab)
  // The first visit may discover dependencies and reload once.
  await tab.page.waitForLoadState('networkidle')
  await tab.mark()
  if (count !== undefined) {
    await tab.page.click('button')
    await tab.text('button', 'count 1')
  }
  app.project.write(file, text('second'))
  await tab.text(title, 'second')
  if (count !== undefined) await tab.text('button', `count ${count}`)
  t.observe('updated in place', await tab.isMarked())
  t.observe('page errors', tab.errors)
  return tab
}
