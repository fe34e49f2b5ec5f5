// The page's half in Firefox.
import { after, before, describe } from 'node:test'
import { lacksFirefox, launchFirefox } from '../support/firefox.mjs'
import { testReturns } from './returns.mjs'
import { Site, viteOf } from './site.mjs'

describe('a page in Firefox, with Vite 8', { skip: lacksFirefox() }, () => {
  let browser
  before(async () => {
    browser = await launchFirefox()
  })
  after(() => browser?.close())

  testReturns(async (t, options) => Site.open(t, { vite: await viteOf(8), browser, ...options }))
})
