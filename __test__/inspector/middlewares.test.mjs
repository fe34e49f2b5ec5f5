// The inspector stands behind the middlewares of the plugins before it, on every major of Vite that is there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import nativeWs from '../../lib/index.mjs'
import { startVite } from '../support/dev-server.mjs'
import { fetchText } from '../support/http.mjs'

const guard = {
  name: 'guard',
  configureServer({ middlewares }) {
    middlewares.use((request, response, next) => {
      if (request.headers.authorization) return next()
      response.writeHead(401).end('who are you?')
    })
  },
}

const takesAll = {
  name: 'takes-all',
  configureServer({ middlewares }) {
    middlewares.use((_, response) => response.writeHead(200).end('the application'))
  },
}

/** Where the guard stands, by the plugins of a configuration. */
const GUARDED = {
  'before ours': [guard, nativeWs()],
  'before ours in a list of its own': [[guard], [[nativeWs()]]],
  'with enforce: pre, behind ours': [nativeWs(), { ...guard, enforce: 'pre' }],
  'with order: pre, behind ours': [
    nativeWs(),
    { ...guard, configureServer: { order: 'pre', handler: guard.configureServer } },
  ],
}

for (const [where, plugins] of Object.entries(GUARDED)) {
  test(`a guard ${where} stands in front of the inspector`, async (t) => {
    const { port } = await startVite(t, { plugins })
    const headers = { authorization: 'me' }
    for (const path of ['/__ws', '/__ws/', '/__ws/feed', '/__ws/page.mjs']) {
      assert.equal((await fetchText({ port, path })).status, 401, path)
    }
    const { status, body } = await fetchText({ port, path: '/__ws/', headers })
    assert.equal(status, 200)
    assert.match(body, /<title>/)
  })
}

test('an application behind ours does not take the inspector for itself', async (t) => {
  const { port } = await startVite(t, { plugins: [nativeWs(), takesAll] })
  assert.match((await fetchText({ port, path: '/__ws/' })).body, /<title>/)
  assert.equal((await fetchText({ port, path: '/' })).body, 'the application')
})

test('no other origin may read the inspector, whatever `server.cors` says', async (t) => {
  const server = { cors: { origin: '*' } }
  const { port } = await startVite(t, { server, plugins: [nativeWs()] })
  const answer = await fetchText({ port, path: '/__ws/' })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers['access-control-allow-origin'], undefined)
  const foreign = await fetchText({
    port,
    path: '/__ws/',
    headers: { origin: 'http://localhost:1' },
  })
  assert.equal(foreign.status, 400)
})
