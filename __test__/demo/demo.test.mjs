import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { useChromium } from '../support/browser.mjs'
import { openDemo } from './demo-site.mjs'
import { steps, trials } from './steps.mjs'

/** Some of the trials take seconds. */
const [cut] = trials
const variants = [
  { name: 'http, sockets adopted', counted: 'adopted', tried: trials },
  { name: 'http, bridge forced', counted: 'bridged', transport: 'bridge' },
  { name: 'https, bridge by necessity', counted: 'bridged', https: true },
]

describe('a page in Chromium', () => {
  const browser = useChromium()

  for (const variant of variants) {
    describe(variant.name, () => {
      let site

      before(async () => {
        if (variant.transport) process.env.VITE_NATIVE_WS_TRANSPORT = variant.transport
        site = await openDemo({ browser, https: variant.https })
      })

      after(async () => {
        await site?.close()
        delete process.env.VITE_NATIVE_WS_TRANSPORT
      })

      for (const step of [...steps, ...(variant.tried ?? [cut])])
        it(step.name, () => step.run(site))

      it(`has every connection ${variant.counted}`, () => {
        const stats = site.server.ws.stats()
        const other = variant.counted === 'adopted' ? 'bridged' : 'adopted'
        assert.ok(stats[variant.counted] > 0, JSON.stringify(stats))
        assert.equal(stats[other], 0, JSON.stringify(stats))
      })

      it("has taken the place of Vite's own upgrade listener", () => {
        assert.equal(site.server.httpServer.listeners('upgrade').length, 1)
      })
    })
  }
})
