// A resumption is an upgrade like any other: whoever could not connect cannot resume either.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createLogger, createServer } from 'vite'
import { Client } from '../support/client.mjs'
import { until } from '../support/deadline.mjs'
import { upgradeRequest } from '../support/handshake.mjs'
import { rawAnswer } from '../support/raw-socket.mjs'
import { entry } from '../support/server.mjs'

const SECRET = 'the secret of a file outside'

async function open(t) {
  const folder = mkdtempSync(join(tmpdir(), 'reconnect-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  writeFileSync(join(folder, 'secret.txt'), SECRET)
  const server = await createServer({
    root: mkdtempSync(join(folder, 'root-')),
    configFile: false,
    customLogger: createLogger('silent'),
    plugins: [entry.default()],
    server: { host: '127.0.0.1', port: 0, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  })
  t.after(() => server.close())
  await server.listen()
  const { port } = server.httpServer.address()
  const { webSocketToken: token } = server.config
  return { server, port, token, secret: join(folder, 'secret.txt') }
}

/** What a page that was cut has in hand. */
async function cutPage({ port, token }) {
  const client = new Client(`ws://127.0.0.1:${port}/?token=${token}&vite-native-ws=new`)
  const hello = JSON.parse((await client.text()).slice(2))
  await client.text()
  client.socket.terminate()
  await client.closed
  return { ...hello, ticket: (seq = 1) => `${hello.session}.${hello.client}.${seq}` }
}

const visit = (token, ticket) =>
  `/?${token === undefined ? '' : `token=${token}&`}vite-native-ws=${ticket}`

describe('a resumption', () => {
  it('with a wrong token or from a foreign origin is refused as a fresh connection is (CVE-2025-24010)', async (t) => {
    const stand = await open(t)
    const { ticket } = await cutPage(stand)
    const Origin = 'http://evil.test'
    const wrong = stand.token.replace(/./g, (letter) => (letter === 'x' ? 'y' : 'x'))
    const cases = [
      [{ Origin }, undefined],
      [{ Origin }, wrong],
      [{ Origin }, ''],
      [{ Origin: 'null' }, undefined],
      [{ Host: 'evil.test' }, stand.token],
      [{ Host: 'evil.test', Origin }, stand.token],
      [{ Host: 'evil.test', Origin: 'http://evil.test' }, wrong],
    ]
    for (const [headers, token] of cases) {
      const answers = []
      for (const claim of ['new', ticket()]) {
        const path = visit(token, claim)
        answers.push(await rawAnswer(stand.port, upgradeRequest({ headers, path })))
      }
      const [fresh, resumed] = answers
      assert.match(resumed, /^HTTP\/1\.1 400 Bad Request/, JSON.stringify(headers))
      assert.equal(resumed, fresh)
    }
    const path = visit(stand.token, ticket())
    const own = new Client(`ws://127.0.0.1:${stand.port}${path}`, { origin: Origin })
    assert.ok((await own.text()).startsWith('\u0001h'), 'with the token it is let in')
    own.socket.terminate()
  })

  it('reads no file that a fresh connection cannot (CVE-2026-39363)', async (t) => {
    const stand = await open(t)
    const { ticket } = await cutPage(stand)
    const answers = []
    for (const claim of [undefined, 'new', ticket()]) {
      const path = claim === undefined ? '/' : visit(undefined, claim)
      const client = new Client(`ws://127.0.0.1:${stand.port}${path}`)
      const data = { name: 'fetchModule', id: 'send:1', data: [`file://${stand.secret}?raw`] }
      await client.text()
      client.emit('vite:invoke', data)
      let answer = ''
      while (!answer.includes('vite:invoke')) answer = await client.text()
      assert.ok(!answer.includes(SECRET), answer)
      answers.push(JSON.parse(answer.slice(answer.indexOf('{'))).data.data.error.message)
      client.socket.terminate()
    }
    assert.match(answers[0], /disabled/)
    assert.deepEqual(answers, [answers[0], answers[0], answers[0]])
  })

  it('with a ticket that is not a page’s own is told that it cannot', async (t) => {
    const stand = await open(t)
    const other = await open(t)
    const page = await cutPage(stand)
    const foreign = await cutPage(other)
    const tickets = [
      foreign.ticket(),
      `${page.session}.${foreign.client}.1`,
      `${page.session}..1`,
      page.ticket(999),
      page.ticket(-1),
      page.ticket('1e3'),
      page.ticket('__proto__'),
      page.ticket('9'.repeat(400)),
      `${page.session}.__proto__.1`,
      page.session,
      '..',
      'x'.repeat(8_000),
    ]
    for (const ticket of tickets) {
      const client = new Client(`ws://127.0.0.1:${stand.port}${visit(stand.token, ticket)}`)
      assert.deepEqual((await client.closed).code, 4001, ticket)
      assert.deepEqual(client.unread, [], ticket)
    }
    await until(() => stand.server.ws.clients.size === 0, 'all of them are gone')
  })

  it('gets nothing that was sent to another page', async (t) => {
    const stand = await open(t)
    const mine = await cutPage(stand)
    await until(() => stand.server.ws.clients.size === 0, 'the server to notice')
    const theirs = new Client(
      `ws://127.0.0.1:${stand.port}/?token=${stand.token}&vite-native-ws=new`,
    )
    await theirs.text()
    await theirs.text()
    for (const client of stand.server.ws.clients) client.send({ type: 'update', updates: [] })
    await theirs.text()
    const back = new Client(`ws://127.0.0.1:${stand.port}${visit(stand.token, mine.ticket())}`)
    await back.text()
    stand.server.ws.send({ type: 'prune', paths: [] })
    assert.match(await back.text(), /"prune"/)
    for (const { socket } of [theirs, back]) socket.terminate()
  })
})
