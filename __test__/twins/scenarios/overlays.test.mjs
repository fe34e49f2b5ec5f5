// Errors that are made, mended or left while a page is away, and what vite-plugin-checker shows.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { launchChromium } from '../../../scripts/browser.mjs'
import { appNamed } from '../apps/index.mjs'
import { difference } from '../snapshot.mjs'
import { Stage } from '../stage.mjs'
import { leave, until } from './scenario.mjs'

describe('the overlay of a page that was away', () => {
  let browser
  before(async () => {
    browser = await launchChromium(console.log)
  })
  after(() => browser?.close())

  /** Two tabs of an app, one of which misses what `meanwhile` does. */
  async function outage(t, app, { earlier = () => {}, meanwhile, isBroken }) {
    const stage = await Stage.open({
      browser,
      app: appNamed(app),
      transport: 'adopted',
      engine: 'native',
    })
    t.after(() => stage.close())
    const { project, stayed, left } = stage
    await Promise.all([stayed.visit(), left.visit()])
    const tabs = [stayed, left]
    await earlier(project, (broken) => Promise.all(tabs.map((tab) => overlay(tab, broken))))
    await leave(left)
    const before = left.loads
    await meanwhile(project, (broken) => overlay(stayed, broken))
    left.proxy.restore()
    const isSame = async () => {
      const [one, other] = [await stayed.look(), await left.look()]
      return one && other && !difference(one, other, { isBroken })
    }
    await until(isSame, 'both tabs to show the same')
    await overlay(left, isBroken)
    // Any update takes Vite's overlay away.
    await project.mend('script')
    await overlay(stayed, false)
    isBroken = false
    await until(isSame, 'both tabs to show the same after another edit')
    const reloads = left.loads - before
    assert.ok(reloads <= 1, `${reloads} reloads`)
  }

  const overlay = (tab, isBroken) =>
    tab.until((seen) => seen.overlay.length > 0 === isBroken, 'the overlay', 60_000)

  for (const [app, file] of [
    ['vanilla', 'card.js'],
    ['vue8', 'App.vue'],
    ['checker', 'typed.ts'],
  ]) {
    it(`does not show an error that was made and mended meanwhile: ${app}`, async (t) => {
      await outage(t, app, {
        isBroken: false,
        async meanwhile(project, shows) {
          await project.break(file)
          await shows(true)
          await project.mend()
          await shows(false)
        },
      })
    })

    it(`shows an error that was made meanwhile: ${app}`, async (t) => {
      await outage(t, app, {
        isBroken: true,
        async meanwhile(project, shows) {
          await project.break(file)
          await shows(true)
        },
      })
    })

    it(`does not show an error any more that was mended meanwhile: ${app}`, async (t) => {
      await outage(t, app, {
        isBroken: false,
        async earlier(project, show) {
          await project.break(file)
          await show(true)
        },
        async meanwhile(project, shows) {
          await project.mend()
          await shows(false)
        },
      })
    })
  }
})
