// What Vite's client does with updates, as the page's half sees it.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from '../support/deadline.mjs'
import { lose, open } from './proxied-page.mjs'

const UPDATE = { type: 'update', updates: [] }
const lost = () => new TypeError('Failed to fetch dynamically imported module: http://x/a.js?t=1')

/** The parts of Vite's client that are replaced; what is imported waits for the test. */
function hotClient() {
  const told = []
  const imports = []
  return {
    told,
    imports,
    importUpdatedModule: (update) =>
      new Promise((resolve, reject) => imports.push({ update, resolve, reject })),
    notifyListeners: async (event, data) => {
      told.push([event, data])
    },
  }
}

const events = (hot) => hot.told.map(([event]) => event)
const QUICK = { report: 20, hanging: 50 }

/** A page that has been told of an update, whose module it fetches. */
async function updating(t, settings = QUICK) {
  const hot = hotClient()
  const setup = await open(t, { hot, settings })
  setup.ws.send(UPDATE)
  await until(() => setup.page.messages.length === 1, 'the update')
  const load = hot.importUpdatedModule({ acceptedPath: '/a.js' })
  load.catch(() => {})
  return { ...setup, hot, load }
}

describe('a page', () => {
  it('tells its modules of an outage, and of its end', async (t) => {
    const hot = hotClient()
    const setup = await open(t, { hot })
    await lose(setup)
    assert.deepEqual(events(hot), ['vite:ws:disconnect'])
    assert.equal(hot.told[0][1].webSocket, setup.page.socket)
    setup.proxy.restore()
    await until(() => setup.page.lines.length === 2, 'the return')
    assert.deepEqual(events(hot), ['vite:ws:disconnect', 'vite:ws:connect'])
  })

  it('tells them once of one that it does not come back from', async (t) => {
    const hot = hotClient()
    const setup = await open(t, { hot })
    await lose(setup)
    setup.page.socket.close()
    await setup.page.closed
    const data = { webSocket: setup.page.socket }
    await hot.notifyListeners('vite:ws:disconnect', data)
    assert.deepEqual(events(hot), ['vite:ws:disconnect'])
  })

  it('comes back when its update was fetched', async (t) => {
    const { hot, load, ...setup } = await updating(t)
    hot.imports[0].resolve('module')
    assert.equal(await load, 'module')
    await hot.notifyListeners('vite:afterUpdate', JSON.parse(setup.page.messages[0]))
    await lose(setup)
    setup.proxy.restore()
    await until(() => setup.page.lines.length === 2, 'the return')
    assert.match(setup.page.lines[1], /reconnected/)
  })

  it('gives up when the fetch of an update failed before the loss', async (t) => {
    const { hot, load, ...setup } = await updating(t)
    hot.imports[0].reject(lost())
    await assert.rejects(load, TypeError)
    await until(() => setup.page.socket._isSpoiled, 'the page to know')
    await lose(setup)
    setup.proxy.restore()
    await setup.page.closed
    assert.match(setup.page.lines.at(-1), /given up: something that it was told to fetch/)
  })

  it('gives up when the fetch of an update fails behind its return', async (t) => {
    const { hot, ...setup } = await updating(t, { ...QUICK, hanging: 5_000 })
    await lose(setup)
    setup.proxy.restore()
    await until(() => setup.page.lines.length === 2, 'the return')
    hot.imports[0].reject(lost())
    await setup.page.closed
  })

  it('gives up when an update that it missed cannot be fetched', async (t) => {
    const hot = hotClient()
    const setup = await open(t, { hot, settings: QUICK })
    await lose(setup)
    setup.ws.send(UPDATE)
    setup.proxy.restore()
    await until(() => setup.page.messages.length === 1, 'the update')
    hot.importUpdatedModule({ acceptedPath: '/a.js' }).catch(() => {})
    hot.imports[0].reject(lost())
    await setup.page.closed
    assert.match(setup.page.lines.at(-1), /given up: something that it was told to fetch/)
  })

  it('stays when a later update cannot be fetched, as with Vite', async (t) => {
    const hot = hotClient()
    const setup = await open(t, { hot, settings: QUICK })
    await lose(setup)
    setup.ws.send('missed', 1)
    setup.proxy.restore()
    await until(() => setup.page.messages.length === 1, 'the event')
    setup.ws.send(UPDATE)
    await until(() => setup.page.messages.length === 2, 'the update')
    hot.importUpdatedModule({ acceptedPath: '/a.js' }).catch(() => {})
    hot.imports[0].reject(lost())
    await until(() => setup.page.socket._isSpoiled, 'the page to know')
    assert.equal(setup.page.lines.length, 2)
  })

  it('gives up when the fetch of an update hangs', async (t) => {
    const setup = await updating(t)
    await lose(setup)
    setup.proxy.restore()
    await setup.page.closed
  })

  it('comes back when its server said that the module is broken, or the module throws', async (t) => {
    const errors = [
      [lost(), { id: '/app/a.js' }],
      [new ReferenceError('x is not defined'), undefined],
    ]
    for (const [error, said] of errors) {
      const { hot, load, ...setup } = await updating(t)
      if (said) await hot.notifyListeners('vite:error', { err: said })
      hot.imports[0].reject(error)
      await assert.rejects(load)
      await hot.notifyListeners('vite:afterUpdate', JSON.parse(setup.page.messages[0]))
      await lose(setup)
      setup.proxy.restore()
      await until(() => setup.page.lines.length === 2, 'the return')
      assert.match(setup.page.lines[1], /reconnected/)
    }
  })

  it('says up to where it has fetched everything', async (t) => {
    const { hot, ...setup } = await updating(t)
    const updates = setup.page.socket._updates
    assert.equal(updates.applied(7), 0)
    hot.imports[0].resolve()
    await new Promise(setImmediate)
    assert.equal(updates.applied(7), 0, 'Vite is not done with it')
    await hot.notifyListeners('vite:afterUpdate', JSON.parse(setup.page.messages[0]))
    assert.equal(updates.applied(7), 7)
  })
})
