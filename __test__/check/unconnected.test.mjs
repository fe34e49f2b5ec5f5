// A page that does not connect: what the terminal and its console say.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { useChromium } from '../support/browser.mjs'
import { until } from '../support/deadline.mjs'
import { freePort } from '../support/port.mjs'
import { startFront } from './front.mjs'
import { serve } from './site.mjs'

const require = createRequire(import.meta.url)
const { UnconnectedPages } = require('../../lib/check/unconnected-pages.js')
const { CheckHint } = require('../../lib/reconnect/browser/check-hint.js')

const CHROME = 'Mozilla/5.0 Chrome/150.0.0.0 Safari/537.36'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const PATIENCE_MS = 60

/** A watch over pages, and a stand-in for what it is told. */
function watch(t, access = { allowedHosts: ['app.test'], allowMissingHost: true }) {
  const warnings = []
  const observers = new Set()
  const diagnostics = {
    access,
    watch: (observer) => observers.add(observer),
    unwatch: (observer) => observers.delete(observer),
  }
  const warn = (text) => warnings.push(text)
  const pages = new UnconnectedPages({ base: '/app/', diagnostics, warn, patience: PATIENCE_MS })
  t.after(() => pages.clear())
  const load = (headers = {}, url = '/app/@vite/client', socket = {}) => {
    const all = { host: '127.0.0.1:5173', 'user-agent': CHROME, ...headers }
    pages.onRequest({ url, headers: all, socket })
  }
  const open = (agent) => {
    for (const { onOpened } of observers) onOpened({ clientInfo: { agent } })
  }
  return { warnings, observers, load, open }
}

const patienceIsOver = () => new Promise((resolve) => setTimeout(resolve, 5 * PATIENCE_MS))

describe('the terminal', () => {
  test('names the first page that does not connect, with the address of the check, once', async (t) => {
    const { warnings, observers, load } = watch(t)
    load()
    load({ 'user-agent': FIREFOX })
    await until(() => warnings.length > 0, 'the warning')
    load()
    await patienceIsOver()
    assert.equal(warnings.length, 1)
    assert.match(warnings[0], /a page in Chrome 150 was loaded/)
    assert.match(warnings[0], /open http:\/\/127\.0\.0\.1:5173\/app\/__ws\/check\/ there/)
    assert.match(warnings[0], /`npx vite-native-ws doctor http:\/\/127\.0\.0\.1:5173\/app\/`/)
    assert.equal(observers.size, 0)
  })

  test('says nothing of a browser that connects, however often it was reloaded', async (t) => {
    const { warnings, observers, load, open } = watch(t)
    for (let count = 0; count < 3; count++) load()
    load({ 'user-agent': FIREFOX })
    open(CHROME)
    open(FIREFOX)
    await patienceIsOver()
    assert.deepEqual([warnings, observers.size], [[], 0])
  })

  test('says nothing of what is no page', async (t) => {
    const { warnings, load } = watch(t)
    load({ 'user-agent': 'curl/8.0' })
    load({ 'sec-fetch-dest': 'empty' })
    load({ 'x-vite-native-ws-check': '1' })
    load({}, '/app/')
    load({}, '/app/@vite/client-of-mine')
    await patienceIsOver()
    assert.deepEqual(warnings, [])
  })

  test('names the address that the page has, if it is one that is allowed', async (t) => {
    const said = async (headers, socket) => {
      const { warnings, load } = watch(t)
      load({ 'sec-fetch-dest': 'script', ...headers }, undefined, socket)
      await until(() => warnings.length > 0, 'the warning')
      return /open (\S+)__ws/.exec(warnings[0])[1]
    }
    const referer = 'https://app.test:8443/app/page'
    const own = { 'sec-fetch-site': 'same-origin' }
    assert.equal(await said({ referer, ...own }), 'https://app.test:8443/app/')
    assert.equal(await said({ referer }), 'http://127.0.0.1:5173/app/')
    const evil = { referer: 'https://evil.example/', ...own }
    assert.equal(await said(evil), 'http://127.0.0.1:5173/app/')
    assert.equal(await said({ 'x-forwarded-proto': 'https' }), 'https://127.0.0.1:5173/app/')
    assert.equal(await said({}, { encrypted: true }), 'https://127.0.0.1:5173/app/')
  })
})

test('a client whose address has no path connects all the same, and names nothing', () => {
  const said = []
  const host = { setTimeout: (run) => run(), console: { warn: (line) => said.push(line) } }
  const settings = { check: '../__ws/check/', lastTry: 0 }
  for (const source of ['blob:http://localhost/1', undefined, 'http://localhost/@vite/client']) {
    const hint = new CheckHint(settings, host, source)
    hint.onTry()
    hint.onFailed()
  }
  assert.equal(said.length, 1)
  assert.match(said[0], /Why: http:\/\/localhost\/__ws\/check\/$/)
})

describe('the console of a page', () => {
  const browser = useChromium()

  async function open(t, address) {
    const page = await browser.newPage()
    t.after(() => page.close())
    const said = []
    page.on('console', (message) => said.push(message.text()))
    await page.goto(address)
    return said
  }

  const isHint = (text) => text.startsWith('[vite-native-ws] no connection to the dev server')

  test('names the check once, where no socket opens', async (t) => {
    const { port } = await serve(t)
    const { address } = await startFront(t, port, { answersUpgrade: 404 })
    const said = await open(t, address)
    await until(() => said.some(isHint), 'the line')
    assert.deepEqual(said.filter(isHint), [
      `[vite-native-ws] no connection to the dev server. Why: ${address}/__ws/check/`,
    ])
  })

  test('says nothing where the second try of the client opens', async (t) => {
    // It tries the port of the configuration, so that has to be the real one.
    const { port } = await serve(t, { server: { port: await freePort(), strictPort: true } })
    const front = await startFront(t, port, { answersUpgrade: 404 })
    const said = await open(t, front.address)
    await until(() => said.some((text) => text.includes('Direct websocket')), 'the second try')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.deepEqual(said.filter(isHint), [])
  })

  test('says nothing without the inspector', async (t) => {
    const { port } = await serve(t, {}, { inspector: false })
    const { address } = await startFront(t, port, { answersUpgrade: 404 })
    const said = await open(t, address)
    await until(() => said.some((text) => text.includes('failed to connect')), "Vite's own line")
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.deepEqual(said.filter(isHint), [])
  })
})
