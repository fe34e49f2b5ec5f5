// The decisions of the check, from facts alone.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isMixedContent, planAttempts, urlOf } from '../../lib/check/page/attempts.mjs'
import { readClientSettings } from '../../lib/check/page/client-settings.mjs'
import { diagnose, watchOf } from '../../lib/check/page/diagnosis.mjs'

const PAGE = 'http://app.test:8080/@vite/client'

const CLIENT = {
  protocol: null,
  hostname: null,
  port: null,
  path: '/',
  directTarget: 'localhost:5173/',
  base: '/',
  token: 'secret',
}

const SERVER = {
  vite: '8.3.8',
  option: 'ws',
  base: '/',
  path: '/',
  port: 5173,
  ownPort: null,
  isOpen: true,
  isMiddleware: false,
  keepalive: 20_000,
}

const FIRST = { name: 'first', url: 'ws://app.test:8080/', hasToken: true, messages: 0 }
const SIGHT = {
  kind: 'upgrade',
  path: '/',
  host: 'app.test:8080',
  forwarded: {},
  protocol: 'vite-hmr',
}

function facts(change = {}, first = {}) {
  return {
    page: PAGE,
    answer: { status: 200 },
    client: CLIENT,
    isStale: false,
    results: [{ ...FIRST, state: 'failed', ...first }],
    ...change,
  }
}

test('what the client tries is read from its text as Vite serves it', () => {
  const text = [
    'const base$1 = "/sub/" || "/";',
    'const socketProtocol = "wss" || (importMetaUrl.protocol === "https:" ? "wss" : "ws");',
    'const hmrPort = 443;',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the client's own line
    'const socketHost = `${null || importMetaUrl.hostname}:${hmrPort || importMetaUrl.port}${"/sub/hot"}`;',
    'const directSocketHost = "127.0.0.1:0/sub/";',
    'const wsToken = "uhW2hkBQ9m0v";',
  ].join('\n')
  assert.deepEqual(readClientSettings(text), {
    protocol: 'wss',
    hostname: null,
    port: 443,
    path: '/sub/hot',
    directTarget: '127.0.0.1:0/sub/',
    base: '/sub/',
    token: 'uhW2hkBQ9m0v',
  })
  assert.equal(readClientSettings('<!doctype html>'), undefined)
})

test('the token goes where the client sends it, and to the origin that gave it, alone', () => {
  const client = { ...CLIENT, port: 9999 }
  const attempts = planAttempts(PAGE, client, { port: 5173 })
  assert.deepEqual(
    attempts.map(({ name, url, hasToken }) => [name, url, hasToken]),
    [
      ['first', 'ws://app.test:9999/', true],
      ['page', 'ws://app.test:8080/', true],
      ['port', 'ws://app.test:5173/', false],
    ],
  )
  assert.equal(urlOf(attempts[2], 'secret', 'mark=1'), 'ws://app.test:5173/?mark=1')
  assert.equal(urlOf(attempts[0], 'secret', 'mark=1'), 'ws://app.test:9999/?token=secret&mark=1')
})

test('what is tried twice is tried once, and the second try is where Vite has it', () => {
  const names = planAttempts('http://localhost:5173/@vite/client', CLIENT, { port: 5173 })
  assert.deepEqual(
    names.map(({ name }) => name),
    ['first'],
  )
  const [, direct] = planAttempts(PAGE, CLIENT)
  assert.deepEqual(direct, { name: 'direct', url: 'ws://localhost:5173/', hasToken: true })
})

test('browsers refuse a socket in the clear for a page over https, but to the same machine', () => {
  const page = 'https://app.test/'
  assert.equal(isMixedContent(page, 'ws://app.test/'), true)
  for (const url of ['wss://app.test/', 'ws://localhost:1/', 'ws://127.0.0.1/', 'ws://[::1]:1/']) {
    assert.equal(isMixedContent(page, url), false, url)
  }
  assert.equal(isMixedContent('http://app.test/', 'ws://app.test/'), false)
})

test('the second try counts as connected, and the cause of the first failure is named', () => {
  const direct = {
    ...FIRST,
    name: 'direct',
    url: 'ws://localhost:5173/',
    state: 'open',
    messages: 2,
  }
  const given = facts({ server: SERVER, plain: { status: 200, seen: [SIGHT] } })
  given.results[0].seen = []
  given.results.push({ ...direct, seen: [{ ...SIGHT, result: 'accepted' }] })
  const { cause, isConnected, sentence } = diagnose(given)
  assert.deepEqual([cause, isConnected], ['upgrade-not-passed-on', true])
  assert.match(sentence, /second try, to ws:\/\/localhost:5173\//)
})

test('lines of configuration are those of the Vite that runs, or of all', () => {
  const client = { ...CLIENT, port: 5173 }
  const results = (seen) => [
    { ...FIRST, url: 'ws://app.test:5173/', state: 'failed', seen },
    { ...FIRST, name: 'page', state: 'open', messages: 2 },
  ]
  const lines = (server) =>
    diagnose(facts({ client, server, results: results(server && []) })).remedy
  assert.deepEqual(lines(SERVER), ['server: { ws: { clientPort: 8080 } }'])
  assert.deepEqual(lines({ ...SERVER, option: 'hmr' }), ['server: { hmr: { clientPort: 8080 } }'])
  assert.equal(lines(undefined).length, 2)
})

test('a refusal for another reason is handed on', () => {
  const seen = [{ ...SIGHT, result: 'refused', reason: 'too many clients' }]
  const { cause, sentence } = diagnose(facts({ server: SERVER }, { seen }))
  assert.deepEqual([cause, /too many clients/.test(sentence)], ['refused', true])
})

test('without the word of the server the statuses tell', () => {
  const by = (status, plain) => diagnose(facts({ plain: { status: plain } }, { status })).cause
  assert.equal(by(400, 200), 'refused')
  assert.equal(by(426, 200), 'upgrade-not-passed-on')
  assert.equal(by(200, 200), 'upgrade-not-passed-on')
  assert.equal(by(503, 200), 'gateway')
  assert.equal(by(undefined, 200), 'unknown')
})

test('an address that does not answer, or has no client of Vite, is said to be one', () => {
  const none = { client: undefined, results: [] }
  const refused = diagnose(facts({ ...none, answer: { error: 'ECONNREFUSED' } }))
  assert.deepEqual([refused.cause, refused.isConnected], ['no-answer', false])
  assert.equal(diagnose(facts({ ...none, answer: { status: 404 } })).cause, 'no-client')
})

test('nginx and Apache get their own lines', () => {
  const seen = [{ ...SIGHT, kind: 'request', connection: 'close' }]
  const remedy = (software) =>
    diagnose(facts({ server: SERVER, answer: { status: 200, software } }, { seen })).remedy.join(
      '\n',
    )
  assert.match(remedy('nginx/1.22.1'), /proxy_set_header Upgrade \$http_upgrade;/)
  assert.match(remedy('Apache/2.4'), /upgrade=websocket/)
  assert.match(remedy(undefined), /Connection: Upgrade/)
})

test('a connection is watched until a ping has passed over it', () => {
  assert.ok(watchOf(SERVER) > SERVER.keepalive)
  assert.ok(watchOf({ ...SERVER, keepalive: 0 }) > 60_000, 'the limit of nginx')
  assert.ok(watchOf({ ...SERVER, keepalive: 10 * 60_000 }) < 2 * 60_000)
})

test('the causes are the same in the code and in docs/networks.md', () => {
  const folder = new URL('../../lib/check/page/', import.meta.url)
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  const inCode = sources.join('\n').matchAll(/cause: ['`]([\w-]+)(?:\$\{what\}-it)?['`]/g)
  const names = new Set(Array.from(inCode, ([, name]) => name))
  names.delete('another-listener-')
  for (const what of ['took', 'broke']) names.add(`another-listener-${what}-it`)
  const text = readFileSync(new URL('../../docs/networks.md', import.meta.url), 'utf8')
  const start = text.indexOf('| cause | what to do |')
  const table = text.slice(start, text.indexOf('\n\n', start))
  const cells = Array.from(table.matchAll(/^\| (`[^|]*`) \|/gm), ([, cell]) => cell)
  const inTable = cells.flatMap((cell) =>
    Array.from(cell.matchAll(/`([\w-]+)`/g), ([, name]) => name),
  )
  const SELF_EVIDENT = ['connected', 'unknown']
  const expected = [...names].filter((name) => !SELF_EVIDENT.includes(name))
  assert.deepEqual(inTable.sort(), expected.sort())
})
