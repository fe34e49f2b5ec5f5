// The page's half in WebKit, of Debian's webkit2gtk-driver, on a screen of Xvfb.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { lacksWebKit, WebKit, withKeptEvents } from '../support/webkit.mjs'
import { testReturns } from './returns.mjs'
import { Site, viteOf } from './site.mjs'

describe('a page in WebKit, with Vite 8', { skip: lacksWebKit() }, () => {
  let browser
  before(async () => {
    browser = await WebKit.launch()
  })
  after(() => browser?.close())

  const open = async (t, options) =>
    Site.open(t, { vite: await viteOf(8), browser, plugins: [withKeptEvents()], ...options })

  testReturns(open)

  it('comes back from the back/forward cache with what was edited meanwhile', async (t) => {
    const site = await open(t)
    const tab = await site.tab()
    await tab.fill()
    await tab.page.goto(`${site.url('http', tab.proxy.port)}a.js`)
    for (const name of ['a', 'b']) await site.change(name, 2)
    await tab.page.goBack()
    for (const name of ['a', 'b']) await tab.text(`#${name}`, '2')
    await site.change('c', 2)
    await tab.text('#c', '2')
    const { text, counter, applied } = await tab.state()
    assert.deepEqual([text, counter], ['half a sentence', '2'])
    assert.deepEqual(applied, ['a1', 'b1', 'c1', 'a2', 'b2', 'c2'])
    assert.equal(tab.loads, 1)
  })
})
