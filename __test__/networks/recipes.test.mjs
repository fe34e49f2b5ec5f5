// Each recipe of docs/networks.md: hot updates arrive, and the text in a form survives them and a
// restart of what is between.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import net from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import basicSsl from '@vitejs/plugin-basic-ssl'
import { createServer } from 'vite'
import { WebSocketServer } from 'ws'
import nativeWs from '../../lib/index.mjs'
import { WebSocketServer as OurServer } from '../../lib/ws/index.mjs'
import { startFront } from '../check/front.mjs'
import { useChromium } from '../support/browser.mjs'
import { selfSigned } from '../support/certificate.mjs'
import { until } from '../support/deadline.mjs'
import { KeptLog } from '../support/logger.mjs'
import { freePort, listen } from '../support/port.mjs'
import { configOf, headings, recipe, runProgram } from '../support/recipes.mjs'
import { missing, RealProxy } from './proxies.mjs'
import { isConnected, isUpdated, makeProject, openTab, serveProject } from './site.mjs'

const browser = useChromium()
const require = createRequire(new URL('../neighbours/package.json', import.meta.url))
const express = existsSync(new URL('../neighbours/node_modules/express', import.meta.url))

const tried = new Set()
after(() =>
  assert.deepEqual(
    headings('networks.md', 3).filter((name) => !tried.has(name)),
    [],
  ),
)

/** A test of a recipe, which is known by its heading. */
function testRecipe(heading, skip, run) {
  tried.add(heading)
  test(heading, { skip }, run)
}

async function certificateFiles() {
  const { key, cert } = await selfSigned()
  return { '/path/to/cert.pem': cert, '/path/to/key.pem': key }
}

for (const [name, language] of [
  ['nginx', 'nginx'],
  ['HAProxy', 'haproxy'],
  ['Caddy', 'caddy'],
]) {
  const command = name.toLowerCase()
  for (const isSecure of [false, true]) {
    const heading = isSecure ? `${name}, with https` : name
    testRecipe(heading, missing(command), async (t) => {
      const site = await serveProject(t)
      const files = isSecure ? await certificateFiles() : {}
      if (isSecure) files['/path/to/both.pem'] = Object.values(files).join('\n')
      const text = recipe(heading, language)
      const proxy = await RealProxy.start(t, command, text, { target: site.port, files })
      const address = `${isSecure ? 'https' : 'http'}://localhost:${proxy.port}/`
      await isConnected(address)
      const tab = await openTab(t, browser, address)
      await isUpdated(tab, site, 'second')
      await proxy.restart()
      await until(() => site.ws.clients.size === 1, 'the page to be back')
      await isUpdated(tab, site, 'third')
    })
  }
}

testRecipe('A mapped port, as of Docker', false, async (t) => {
  const config = configOf(recipe('A mapped port, as of Docker'))
  const port = await freePort()
  const site = await serveProject(t, { server: { ...config.server, port } })
  const links = new Set()
  const relay = net.createServer((socket) => {
    const behind = net.connect(port, '127.0.0.1')
    links.add(socket)
    for (const one of [socket, behind]) one.on('error', () => {})
    socket.pipe(behind).pipe(socket)
    socket.on('close', () => behind.destroy())
  })
  t.after(() => relay.close())
  const address = `http://localhost:${await listen(relay)}/`
  await isConnected(address)
  const tab = await openTab(t, browser, address)
  await isUpdated(tab, site, 'second')
  for (const link of links) link.destroy()
  await until(() => site.ws.clients.size === 1, 'the page to be back')
  await isUpdated(tab, site, 'third')
})

testRecipe('Codespaces, tunnels', false, async (t) => {
  const site = await serveProject(t, configOf(recipe('Codespaces, tunnels')))
  const front = await startFront(t, site.port, { isSecure: true, host: 'name-5173.app.github.dev' })
  await isConnected(front.address)
  await isUpdated(await openTab(t, browser, front.address), site, 'second')
})

testRecipe('https by the dev server', false, async (t) => {
  const { plugins } = configOf(recipe('https by the dev server'), { basicSsl, nativeWs: () => [] })
  const site = await serveProject(t, { plugins })
  const address = `https://localhost:${site.port}/`
  await isConnected(address.replace('localhost', '127.0.0.1'))
  await isUpdated(
    await openTab(t, browser, address.replace('localhost', '127.0.0.1')),
    site,
    'second',
  )
})

/** A recipe that is a program, in a project. */
async function runRecipe(t, heading, change, scope) {
  const project = makeProject(t)
  const log = new KeptLog()
  const createViteServer = (config) =>
    createServer({ configFile: false, root: project.root, customLogger: log.logger, ...config })
  const names = { http, createViteServer, nativeWs, ...scope }
  const made = await runProgram(change(recipe(heading, 'js')), names, 'httpServer, vite')
  t.after(async () => {
    await made.vite.close()
    made.httpServer.closeAllConnections()
    made.httpServer.close()
  })
  return { server: made.vite, ws: made.vite.ws, ...project }
}

testRecipe(
  'Express',
  express ? false : 'express is not there: npm run networks installs it',
  async (t) => {
    const port = await freePort()
    const site = await runRecipe(t, 'Express', (text) => text.replace('3000', `${port}`), {
      express: require('express'),
    })
    const address = `http://localhost:${port}/`
    await isConnected(address)
    await isUpdated(await openTab(t, browser, address), site, 'second')
  },
)

testRecipe('A Unix socket', missing('nginx'), async (t) => {
  const { root } = makeProject(t)
  const path = join(root, 'vite.sock')
  const change = (text) => text.replaceAll('/run/app/vite.sock', path)
  const site = await runRecipe(t, 'A Unix socket', change, {})
  const proxy = await RealProxy.start(t, 'nginx', change(recipe('A Unix socket', 'nginx')), {
    target: 0,
  })
  const address = `http://localhost:${proxy.port}/`
  await isConnected(address)
  const tab = await openTab(t, browser, address)
  await isUpdated(tab, site, 'second')
  await proxy.restart()
  await until(() => site.ws.clients.size === 1, 'the page to be back')
  await isUpdated(tab, site, 'third')
})

const ROUTE = 'A WebSocket route of your own'
for (const [by, Server] of [
  ['ws', WebSocketServer],
  ['vite-native-ws/ws', OurServer],
]) {
  tried.add(ROUTE)
  test(`${ROUTE}, by ${by}`, async (t) => {
    const block = recipe(`${ROUTE} on Vite's server`, 'js', 'errors.md')
    const { chat } = await runProgram(block, { WebSocketServer: Server }, 'chat')
    const site = await serveProject(t, { plugins: [chat()] })
    const address = `http://127.0.0.1:${site.port}/`
    await isConnected(address)
    const tab = await openTab(t, browser, address)
    await tab.page.evaluate(() => {
      const url = new URL('/chat', location.href.replace('http', 'ws'))
      globalThis.chat = new WebSocket(url)
      return new Promise((resolve, reject) => {
        globalThis.chat.onopen = resolve
        globalThis.chat.onclose = reject
      })
    })
    const echo = (text) =>
      tab.page.evaluate((sent) => {
        globalThis.chat.send(sent)
        return new Promise((resolve) => {
          globalThis.chat.onmessage = ({ data }) => resolve(data)
        })
      }, text)
    assert.equal(await echo('before'), 'before')
    await isUpdated(tab, site, 'second')
    assert.equal(await echo('after'), 'after')
    assert.equal(site.ws.clients.size, 1)
    assert.deepEqual(site.log.lines('warn', 'upgrade'), [])
  })
}
