import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { launchChromium } from '../../scripts/browser.mjs'
import { openStage } from './stage.mjs'
import { steps } from './steps.mjs'

const variants = [
  { name: 'http, sockets adopted', counted: 'adopted' },
  { name: 'http, bridge forced', counted: 'bridged', transport: 'bridge' },
  { name: 'https, bridge by necessity', counted: 'bridged', https: true },
]

describe('a page in Chromium', () => {
  let browser

  before(async () => {
    browser = await launchChromium(console.log)
  })

  after(() => browser?.close())

  for (const variant of variants) {
    describe(variant.name, () => {
      let stage

      before(async () => {
        if (variant.transport) process.env.VITE_NATIVE_WS_TRANSPORT = variant.transport
        stage = await openStage({ browser, https: variant.https })
      })

      after(async () => {
        await stage?.close()
        delete process.env.VITE_NATIVE_WS_TRANSPORT
      })

      for (const step of steps) it(step.name, () => step.run(stage))

      it(`has every connection ${variant.counted}`, () => {
        const stats = stage.server.ws.stats()
        const other = variant.counted === 'adopted' ? 'bridged' : 'adopted'
        assert.ok(stats[variant.counted] > 0, JSON.stringify(stats))
        assert.equal(stats[other], 0, JSON.stringify(stats))
      })

      it("has taken the place of Vite's own upgrade listener", () => {
        assert.equal(stage.server.httpServer.listeners('upgrade').length, 1)
      })
    })
  }
})
