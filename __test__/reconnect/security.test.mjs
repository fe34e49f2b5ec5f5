// A resumption is an upgrade like any other: whoever could not connect cannot resume either.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { Client } from '../support/client.mjs'
import { until } from '../support/deadline.mjs'
import { startVite } from '../support/dev-server.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { Project } from '../support/project.mjs'
import { rawAnswer } from '../support/raw-socket.mjs'
import { entry } from '../support/server.mjs'

const require = createRequire(import.meta.url)
const { settingsOf } = require('../../lib/reconnect/browser-source.js')

const SECRET = 'the secret of a file outside'

async function open(t, options) {
  const outside = Project.make(t, { 'secret.txt': SECRET, 'root/index.html': '' })
  const inline = { root: outside.path('root'), plugins: [entry.default(options)] }
  const { server, port, token } = await startVite(t, inline)
  return { server, port, token, secret: outside.path('secret.txt') }
}

/** What a page that was cut has in hand. */
async function cutPage({ port, token }) {
  const { client, welcome } = await pageOf({ port, token })
  client.socket.terminate()
  await client.closed
  const { session, client: key, seq } = welcome
  return { session, client: key, ticket: (since = seq) => `${session}.${key}.${since}.${since}.0` }
}

/** A page that can come back. */
async function pageOf({ port, token }) {
  const client = new Client(`ws://127.0.0.1:${port}/?token=${token}`)
  await client.text()
  client.socket.send(settingsOf('socket').texts.hello)
  const { data } = JSON.parse(await client.text())
  return { client, welcome: data }
}

const visit = (token, ticket) => {
  const parts = [token && `token=${token}`, ticket && `vite-native-ws=${ticket}`]
  return `/?${parts.filter(Boolean).join('&')}`
}

describe('a resumption', () => {
  it('with a wrong token or from a foreign origin is refused as a fresh connection is (CVE-2025-24010)', async (t) => {
    const setup = await open(t)
    const { ticket } = await cutPage(setup)
    const Origin = 'http://evil.test'
    const wrong = setup.token.replace(/./g, (letter) => (letter === 'x' ? 'y' : 'x'))
    const cases = [
      [{ Origin }, undefined],
      [{ Origin }, wrong],
      [{ Origin }, ''],
      [{ Origin: 'null' }, undefined],
      [{ Host: 'evil.test' }, setup.token],
      [{ Host: 'evil.test', Origin }, setup.token],
      [{ Host: 'evil.test', Origin: 'http://evil.test' }, wrong],
    ]
    for (const [headers, token] of cases) {
      const answers = []
      for (const claim of [undefined, ticket()]) {
        const path = visit(token, claim)
        answers.push(await rawAnswer(setup.port, upgradeRequest({ headers, path })))
      }
      const [fresh, resumed] = answers
      assert.match(resumed, /^HTTP\/1\.1 400 Bad Request/, JSON.stringify(headers))
      assert.equal(resumed, fresh)
    }
    const path = visit(setup.token, ticket())
    const own = new Client(`ws://127.0.0.1:${setup.port}${path}`, { origin: Origin })
    assert.match(await own.text(), /vite-native-ws:welcome/, 'with the token it is let in')
    own.socket.terminate()
  })

  for (const [what, options] of [
    ['the same options', {}],
    ['reconnect: false', { reconnect: false }],
    ['the bridge', { transport: 'bridge' }],
  ]) {
    it(`to a server that took the place of its own is sent away, and gets nothing (${what})`, async (t) => {
      const former = await open(t)
      const { ticket } = await cutPage(former)
      const setup = await open(t, options)
      const opened = []
      setup.server.ws.on('connection', (socket) => opened.push(socket))
      const origin = `http://127.0.0.1:${setup.port}`
      for (const [token, since] of [[former.token], ['', 0], [undefined, 999]]) {
        const path = visit(token, ticket(since))
        const client = new Client(`ws://127.0.0.1:${setup.port}${path}`, { origin })
        const { code, reason } = await client.closed
        assert.equal(code, 4001)
        assert.equal(reason, 'the dev server was restarted, or is another')
        assert.deepEqual(client.frames, [])
      }
      const { clientsTotal, refusals } = setup.server.ws.stats()
      assert.deepEqual([clientsTotal, refusals.token, opened.length], [0, 0, 0])
      const foreign = { Host: 'evil.test', Origin: origin }
      const path = visit(former.token, ticket())
      const answer = await rawAnswer(setup.port, upgradeRequest({ headers: foreign, path }))
      assert.match(answer, /^HTTP\/1\.1 400 /, 'from a Host that is allowed')
    })
  }

  it('reads no file that a fresh connection cannot (CVE-2026-39363)', async (t) => {
    const setup = await open(t)
    const { ticket } = await cutPage(setup)
    const answers = []
    for (const claim of [undefined, ticket()]) {
      const path = claim === undefined ? '/' : visit(undefined, claim)
      const client = new Client(`ws://127.0.0.1:${setup.port}${path}`)
      const data = { name: 'fetchModule', id: 'send:1', data: [`file://${setup.secret}?raw`] }
      await client.text()
      client.emit('vite:invoke', data)
      let answer = ''
      while (!answer.includes('vite:invoke')) answer = await client.text()
      assert.ok(!answer.includes(SECRET), answer)
      answers.push(JSON.parse(answer).data.data.error.message)
      client.socket.terminate()
    }
    assert.match(answers[0], /disabled/)
    assert.deepEqual(answers, [answers[0], answers[0]])
  })

  it('with a ticket that is not a page’s own is told that it cannot', async (t) => {
    const setup = await open(t)
    const other = await open(t)
    const page = await cutPage(setup)
    const foreign = await cutPage(other)
    const tickets = [
      foreign.ticket(),
      `${page.session}.${foreign.client}.1.1.0`,
      `${page.session}..1.1.0`,
      page.ticket(-1),
      page.ticket('1e3'),
      page.ticket('__proto__'),
      page.ticket('9'.repeat(400)),
      `${page.ticket()}.0`,
      `${page.session}.__proto__.1.1.0`,
      page.ticket(999),
      page.session,
      '..',
      'x'.repeat(8_000),
    ]
    for (const ticket of tickets) {
      const client = new Client(`ws://127.0.0.1:${setup.port}${visit(setup.token, ticket)}`)
      assert.deepEqual((await client.closed).code, 4001, ticket)
      assert.deepEqual(client.unread, [], ticket)
    }
    await until(() => setup.server.ws.stats().clients === 0, 'all of them are gone')
  })

  it('gets nothing that was sent to another page', async (t) => {
    const setup = await open(t)
    const mine = await cutPage(setup)
    await until(() => setup.server.ws.stats().clients === 0, 'the server to notice')
    const [away] = setup.server.ws.clients
    const { client: theirs } = await pageOf(setup)
    for (const client of setup.server.ws.clients) {
      if (client !== away) client.send({ type: 'update', updates: [] })
    }
    await theirs.text()
    const back = new Client(`ws://127.0.0.1:${setup.port}${visit(setup.token, mine.ticket())}`)
    await back.text()
    setup.server.ws.send({ type: 'prune', paths: [] })
    assert.match(await back.text(), /"prune"/)
    for (const { socket } of [theirs, back]) socket.terminate()
  })
})
