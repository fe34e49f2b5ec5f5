// Which updates a page has to have fetched at their time, for pages that come back.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'

import nativeWs from '../../lib/index.mjs'
import { until } from '../support/deadline.mjs'
import { startVite } from '../support/dev-server.mjs'
import { Project } from '../support/project.mjs'
import { CuttingProxy } from './cutting-proxy.mjs'
import { PageSocket } from './page.mjs'
import { lose } from './proxied-page.mjs'

const require = createRequire(import.meta.url)
const { UpdateHistory } = require('../../lib/reconnect/update-history.js')

const CHANGED = 1_000

const update = (path, timestamp = CHANGED) => ({
  type: 'update',
  updates: [{ type: 'js-update', path, acceptedPath: path, timestamp }],
})

describe('the history of updates', () => {
  it('lets a page come back that missed one, compiled for another page', () => {
    const history = new UpdateHistory('/project')
    history.onSent(update('/App.vue'), 5)
    history.onCompiled('/project/App.vue', CHANGED + 1)
    assert.equal(history.allows(4), true)
  })

  it('lets none that missed two, with a compilation in between', () => {
    const history = new UpdateHistory('/project')
    history.onSent(update('/App.vue'), 5)
    history.onCompiled('/project/App.vue?vue&type=script', CHANGED + 1)
    history.onSent(update('/App.vue'), 6)
    assert.equal(history.allows(4), false)
    assert.equal(history.allows(5), true, 'who fetched the first')
  })

  it('lets a page that missed two which nobody has asked for in between', () => {
    const history = new UpdateHistory('/project')
    history.onSent(update('/App.vue'), 5)
    history.onSent(update('/App.vue'), 6)
    history.onCompiled('/project/App.vue', CHANGED + 1)
    assert.equal(history.allows(4), true)
  })

  it('knows of a compilation between the change and its update', () => {
    const history = new UpdateHistory('/project')
    history.onCompiled('/project/App.vue', CHANGED + 1)
    history.onSent(update('/App.vue'), 5)
    history.onSent(update('/App.vue'), 6)
    assert.equal(history.allows(4), false)
  })

  it('goes by the file that changed as well as by who accepts it', () => {
    const history = new UpdateHistory('/project')
    for (const [sequence, timestamp] of [
      [5, 1],
      [6, 2],
    ]) {
      history.onChanged('/project/part.vue', timestamp)
      history.onSent(update('/main.js', timestamp), sequence)
      if (sequence === 5) history.onCompiled('/project/part.vue', 1)
    }
    assert.equal(history.allows(4), false)
  })

  it('keeps modules apart', () => {
    const history = new UpdateHistory('/project')
    for (const [sequence, path] of [
      [5, '/a.js'],
      [6, '/b.js'],
      [7, '/c.js'],
    ]) {
      history.onSent(update(path), sequence)
      history.onCompiled(`/project${path}`, CHANGED + 1)
    }
    assert.equal(history.allows(4), true)
  })

  it('knows the ids of all kinds of URLs', () => {
    const history = new UpdateHistory('/project/')
    const ids = {
      '/src/App.vue?vue&type=style': '/project/src/App.vue',
      '/@fs/elsewhere/a.js': '/elsewhere/a.js',
      '/@fs/C:/elsewhere/a.js?t=1': 'C:/elsewhere/a.js',
      '/@id/__x00__virtual:thing': '\0virtual:thing',
    }
    for (const [url, id] of Object.entries(ids)) assert.equal(history.idOf(url), id)
  })

  it('is careful with what it has forgotten', () => {
    const history = new UpdateHistory('/project')
    for (let sequence = 1; sequence <= 10_001; sequence++) {
      history.onSent(update(`/${sequence}.js`), sequence)
    }
    assert.equal(history.modules.size, 10_000)
    assert.equal(history.allows(0), false)
  })
})

describe('a page that comes back to a dev server', () => {
  const cases = {
    'goes on where an update that it missed was compiled once': { updates: 1, isGoingOn: true },
    'does not where a module was updated again after it was compiled': { updates: 2 },
  }
  for (const [what, { updates, isGoingOn = false }] of Object.entries(cases)) {
    it(what, async (t) => {
      const { root } = Project.make(t, { 'index.html': '', 'main.js': 'export default 1' })
      const { server, ws, port, token } = await startVite(t, { root, plugins: [nativeWs()] })
      const proxy = await CuttingProxy.open(port)
      t.after(() => proxy.close())
      const page = new PageSocket(`ws://127.0.0.1:${proxy.port}/?token=${token}`)
      t.after(() => page.socket.close())
      await until(() => page.isWelcome, 'the welcome')
      await lose({ page, proxy })
      for (let count = 0; count < updates; count++) {
        ws.send(update('/main.js', Date.now()))
        await server.transformRequest(`/main.js?t=${count}`)
      }
      proxy.restore()
      await until(() => page.lines.length > 1, 'the return')
      assert.match(page.lines[1], isGoingOn ? /reconnected/ : /a module was updated twice/)
    })
  }
})
