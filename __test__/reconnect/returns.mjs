// How a page comes back, in whatever browser.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { until } from '../support/deadline.mjs'
import { part } from './site.mjs'

/**
 * @param {(t: any, options?: { https?: boolean }) => Promise<import('./site.mjs').Site>} open A site
 *   whose tabs are in that browser.
 */
export function testReturns(open) {
  for (const https of [false, true]) {
    it(`keeps its state over a cut (${https ? 'https' : 'http'})`, async (t) => {
      const site = await open(t, { https })
      const tab = await site.tab()
      await tab.fill()
      await tab.cut()
      for (const name of ['a', 'b', 'c']) await site.change(name, 2)
      tab.proxy.restore()
      for (const name of ['a', 'b', 'c']) await tab.text(`#${name}`, '2')
      await site.change('a', 3)
      await tab.text('#a', '3')
      const { text, counter, applied } = await tab.state()
      assert.deepEqual([text, counter], ['half a sentence', '2'])
      assert.deepEqual(applied, ['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3'])
      assert.equal(tab.loads, 1)
    })
  }

  it('reloads once when the server was restarted while it was away', async (t) => {
    const site = await open(t)
    const tab = await site.tab()
    await tab.cut()
    await site.server.restart()
    tab.proxy.restore()
    await until(() => tab.loads === 2, 'the reload')
    await tab.isReady()
    await site.change('a', 2)
    await tab.text('#a', '2')
    assert.equal(tab.loads, 2)
  })

  it('reloads when the fetch of an update failed before the loss', async (t) => {
    const site = await open(t)
    const tab = await site.tab()
    // The socket lives on.
    tab.proxy.isDown = true
    for (const link of tab.proxy.links) if (!link.isWebSocket) link.reset()
    site.edit('a.js', part('a', 2))
    await until(() => tab.said('Failed to reload') > 0, 'the failed fetch')
    await tab.cut()
    tab.proxy.restore()
    await until(() => tab.loads === 2, 'the reload')
    await tab.text('#a', '2')
  })
}
