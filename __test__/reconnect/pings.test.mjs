// Who asks for the server while it is away, and when the page tries by itself.
import assert from 'node:assert/strict'
import http from 'node:http'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { until } from '../support/deadline.mjs'
import { lose, open, update } from './proxied-page.mjs'
import { openRefusingServer } from './refusing-server.mjs'
import { withSharedWorkers } from './shared-workers.mjs'

const require = createRequire(import.meta.url)
const { Outage } = require('../../lib/reconnect/browser/outage.js')

const LONG = 3_600_000
/** What a page has opened when it has lost its connection and tried once. */
const TRIED_ONCE = ['vite-hmr', 'vite-hmr']
/** No attempt of the page without an answer. */
const NEVER_BLIND = { firstBlind: LONG, lastBlind: LONG }

describe('an outage', () => {
  const timing = { firstBlind: 10, lastBlind: 60 }

  it('asks from the first failed attempt on, and not between two refusals', () => {
    const outage = new Outage(timing, 0)
    assert.equal(outage.isAsking, false)
    outage.fail('unreached', false, 1)
    assert.equal(outage.isAsking, true)
    outage.fail('unreached', true, 2)
    assert.equal(outage.isAsking, false)
  })

  /** A failed attempt: a server refused it, nobody took it, a relay took it for nobody. */
  const attempts = {
    refused: ['unreached', true],
    unreached: ['unreached', false],
    relayed: ['broken', false],
  }
  const cases = [
    [
      'refused unreached refused refused',
      'unknown',
      'is over after two refusals by who knows whom',
    ],
    ['refused', 'another', 'is over at once when another server refuses'],
    ['relayed relayed', 'another', 'is over when another server is behind a relay'],
    ['refused refused refused', 'same', 'goes on while its own server refuses'],
    ['refused refused refused', 'silent', 'goes on while a server refuses and says no more'],
    ['relayed relayed relayed', 'unknown', 'goes on behind a relay for who knows whom'],
  ]
  for (const [failures, identity, what] of cases) {
    it(what, () => {
      const outage = new Outage(timing, 0)
      const results = failures.split(' ').map((failure) => {
        outage.fail(...attempts[failure], 1)
        return outage.isDoubtful && outage.isAnother(identity)
      })
      const last = results.pop()
      assert.equal(last, what.startsWith('is over'))
      assert.ok(!results.includes(true), `${results}`)
    })
  }

  it('wants an attempt now and then whatever pings say, less and less often', () => {
    const outage = new Outage(timing, 0)
    const attempts = []
    for (let time = 0; time <= 240; time++) {
      if (time > 0 && !outage.isOverdue(time)) continue
      attempts.push(time)
      outage.fail('unreached', false, time)
    }
    assert.deepEqual(attempts, [0, 10, 30, 70, 130, 190])
  })

  it('does not wait for a clock that was set back', () => {
    const outage = new Outage(timing, LONG)
    outage.fail('unreached', false, LONG)
    assert.equal(outage.isOverdue(1), true)
  })
})

describe('a page that has shared workers', () => {
  for (const ping of ['socket', 'fetch']) {
    it(`asks in one of them until there is an answer, and keeps it (${ping})`, async (t) => {
      const { environment, made } = withSharedWorkers()
      const server = http.createServer((_, response) => response.end())
      const setup = await open(t, { environment, server, settings: { ping, ...NEVER_BLIND } })
      for (const outage of [1, 2]) {
        made.inPage.length = made.inWorker.length = 0
        await lose(setup)
        await until(() => made.inWorker.length >= 6, 'pings in the worker')
        assert.deepEqual(made.inPage, ['vite-hmr'])
        setup.ws.send(update(outage))
        setup.proxy.restore()
        await until(() => setup.page.lines.length === 2 * outage, 'the return')
        assert.deepEqual(made.inPage, TRIED_ONCE)
        assert.deepEqual(new Set(made.inWorker), new Set([ping === 'fetch' ? ping : 'vite-ping']))
      }
      assert.equal(made.workers, 1)
      assert.deepEqual(setup.page.events, ['open'])
    })
  }

  it('closes after two attempts at a server that refuses it', async (t) => {
    const { environment, made } = withSharedWorkers()
    const setup = await open(t, { environment, settings: NEVER_BLIND })
    await lose(setup)
    await until(() => made.inWorker.length >= 3, 'pings in the worker')
    made.inPage.length = 0
    const refusing = await openRefusingServer(t)
    setup.proxy.target = refusing.port
    setup.proxy.restore()
    const { code } = await setup.page.closed
    assert.deepEqual([code, made.inPage], [1006, ['vite-hmr', 'vite-hmr']])
    assert.equal(setup.page.lines.length, 2)
  })

  it('asks at once when the network is back, and comes back', async (t) => {
    const { environment, made } = withSharedWorkers()
    const settings = { firstRetry: LONG, lastRetry: LONG, ...NEVER_BLIND }
    const setup = await open(t, { environment, settings })
    await lose(setup)
    const firstWake = setup.page.socket._wake
    environment.dispatchEvent(new Event('online'))
    await until(() => setup.page.socket._wake !== firstWake, 'the second wait')
    assert.deepEqual(made.inPage, TRIED_ONCE)
    setup.proxy.restore()
    environment.dispatchEvent(new Event('online'))
    await until(() => setup.page.lines.length === 2, 'the return')
  })

  it('does not try any more when it was closed while it asked', async (t) => {
    const { environment, made } = withSharedWorkers()
    const setup = await open(t, { environment, settings: NEVER_BLIND })
    await lose(setup)
    await until(() => made.inWorker.length >= 2, 'pings in the worker')
    made.inPage.length = 0
    setup.page.socket.close()
    setup.proxy.restore()
    await setup.page.closed
    assert.deepEqual(made.inPage, [])
  })

  const refusals = {
    'cannot make one': () => {
      throw new DOMException('blocked', 'SecurityError')
    },
    'sees one fail': (worker) => setImmediate(() => worker.onerror?.(new Event('error'))),
  }
  for (const [what, onNew] of Object.entries(refusals)) {
    it(`asks by itself, for good, when it ${what}`, async (t) => {
      const { environment, made } = withSharedWorkers({ onNew, isServed: false })
      const setup = await open(t, { environment, settings: NEVER_BLIND })
      for (const outage of [1, 2]) {
        made.inPage.length = 0
        await lose(setup)
        await until(() => made.inPage.length >= 4, 'pings in the page')
        assert.deepEqual(made.inPage.slice(0, 3), ['vite-hmr', 'vite-ping', 'vite-ping'])
        setup.proxy.restore()
        await until(() => setup.page.lines.length === 2 * outage, 'the return')
      }
      assert.equal(made.workers, 1)
    })
  }

  const uselessWorkers = {
    'never answers': { onNew: (worker) => Object.assign(worker, { run: () => {} }) },
    'does not reach the server': { isServed: false },
  }
  for (const [what, options] of Object.entries(uselessWorkers)) {
    it(`comes back although its worker ${what}, and asks by itself from then on`, async (t) => {
      const { environment, made } = withSharedWorkers(options)
      const settings = { firstBlind: 100, lastBlind: 100, attempt: 200 }
      const setup = await open(t, { environment, settings })
      await lose(setup)
      await until(() => setup.proxy.refused > 0, 'the first attempt')
      setup.proxy.restore()
      await until(() => setup.page.lines.length === 2, 'the return')
      assert.ok(!made.inPage.includes('vite-ping'))
      await until(() => !setup.page.socket._pinger.hasWorker, 'the worker to be found out')
      await lose(setup)
      await until(() => made.inPage.includes('vite-ping'), 'a ping in the page')
      setup.proxy.restore()
      await until(() => setup.page.lines.length === 4, 'the second return')
    })
  }
})
