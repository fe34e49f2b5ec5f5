// What real proxies do wrong, and Vite's configuration on each major: the check names it, and its own
// lines mend it.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import * as terminal from '../../lib/check/dial.mjs'
import { examine } from '../../lib/check/page/examination.mjs'
import { startFront } from '../check/front.mjs'
import { serve } from '../check/site.mjs'
import { useChromium } from '../support/browser.mjs'
import { selfSigned } from '../support/certificate.mjs'
import { until } from '../support/deadline.mjs'
import { freePort } from '../support/port.mjs'
import { configOf, recipe } from '../support/recipes.mjs'
import { missing, RealProxy } from './proxies.mjs'
import { isConnected, openTab, serveProject } from './site.mjs'

const browser = useChromium()

async function diagnose(address) {
  const { diagnosis, facts } = await examine(address, terminal, { patience: 3_000 })
  return { ...diagnosis, facts }
}

/** The lines of a remedy that belong into a proxy's configuration. */
const linesOf = (remedy) => remedy.filter((line) => /;$|\}$/.test(line))

const PLAIN = `server {
  listen 8080;
  location / { proxy_pass http://127.0.0.1:5173; }
}`

test('nginx without the lines for Upgrade, which is its default', {
  skip: missing('nginx'),
}, async (t) => {
  const { port } = await serve(t)
  const proxy = await RealProxy.start(t, 'nginx', PLAIN, { target: port })
  const address = `http://localhost:${proxy.port}/`
  const { cause, remedy } = await diagnose(address)
  assert.equal(cause, 'upgrade-not-passed-on')
  const lines = linesOf(remedy)
  assert.ok(lines.length >= 3, remedy.join('\n'))
  await proxy.stop()
  proxy.configure(PLAIN.replace('5173;', `5173; ${lines.join(' ')}`), { target: port })
  await proxy.run()
  await isConnected(address)
})

test('nginx that strips the path', { skip: missing('nginx') }, async (t) => {
  const { port } = await serve(t, { server: { ws: { path: 'hot' } } })
  const good = recipe('nginx', 'nginx')
  const inner = /location \/ \{([^}]*)\}/.exec(good)[1]
  const place = `location /hot {${inner.replace('5173;', '5173/;')}}`
  const broken = good.replace('location / {', `${place}\n  location / {`)
  const proxy = await RealProxy.start(t, 'nginx', broken, { target: port })
  const address = `http://localhost:${proxy.port}/`
  const { cause, sentence, remedy } = await diagnose(address)
  assert.equal(cause, 'path-changed')
  assert.match(sentence, /\/hot arrives as \//)
  const [line] = linesOf(remedy)
  assert.match(line, /^location \/hot \{ proxy_pass http:\/\/127\.0\.0\.1:5173; \}$/)
  await proxy.stop()
  const mended = line.replace(/proxy_pass [^;]*;/, (pass) =>
    inner.replace(/proxy_pass [^;]*;/, pass),
  )
  proxy.configure(good.replace('location / {', `${mended}\n  location / {`), { target: port })
  await proxy.run()
  await isConnected(address)
})

test('nginx that does not know the path', { skip: missing('nginx') }, async (t) => {
  const { port } = await serve(t, { server: { ws: { path: 'hot' } } })
  const good = recipe('nginx', 'nginx')
  const broken = good.replace('location / {', 'location /hot { return 404; }\n  location / {')
  const proxy = await RealProxy.start(t, 'nginx', broken, { target: port })
  const address = `http://localhost:${proxy.port}/`
  assert.equal((await diagnose(address)).cause, 'path-not-passed-on')
  await proxy.stop()
  proxy.configure(good, { target: port })
  await proxy.run()
  await isConnected(address)
})

test('nginx that gives another name', { skip: missing('nginx') }, async (t) => {
  const vitePort = await freePort()
  const { server } = await serve(t, { server: { port: vitePort, strictPort: true } })
  const text = recipe('nginx', 'nginx').replace('$http_host', 'vite.internal')
  const proxy = await RealProxy.start(t, 'nginx', text, { target: vitePort })
  const address = `http://localhost:${proxy.port}/`
  const { cause, remedy } = await diagnose(address)
  assert.equal(cause, 'host-not-allowed')
  await server.close()
  const config = configOf(remedy[0])
  await serve(t, { server: { ...config.server, port: vitePort, strictPort: true } })
  await isConnected(address)
})

for (const [name, limited] of [
  ['nginx', () => recipe('nginx', 'nginx').replace('5173;', '5173;\n    proxy_read_timeout 2s;')],
  ['haproxy', () => recipe('HAProxy', 'haproxy').replace('tunnel 1h', 'tunnel 2s')],
]) {
  test(`${name} that cuts what is silent for 2 s`, { skip: missing(name) }, async (t) => {
    const port = await freePort()
    const server = { port, strictPort: true }
    const first = await serveProject(t, { server })
    const proxy = await RealProxy.start(t, name, limited(), { target: port })
    const address = `http://localhost:${proxy.port}/`
    const { cause, sentence, remedy } = await diagnose(address)
    assert.equal(cause, 'cut-while-idle')
    assert.match(sentence, /after 2\.\d s/)
    await first.server.close()
    const line = remedy.find((text) => text.startsWith('nativeWs('))
    const options = new Function(`return ${line.slice('nativeWs'.length)}`)()
    const site = await serveProject(t, { server }, { options })
    await isConnected(address, 6_000)
    // A page is not cut either.
    await openTab(t, browser, address)
    await until(() => site.ws.clients.size === 1, 'the page to connect')
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    const { disconnects } = site.ws.stats()
    assert.deepEqual([site.ws.clients.size, disconnects.connectionLost ?? 0], [1, 0])
  })
}

test('nginx that cuts: its own line mends it as well', { skip: missing('nginx') }, async (t) => {
  const { port } = await serve(t)
  const limited = recipe('nginx', 'nginx').replace('5173;', '5173;\n    proxy_read_timeout 2s;')
  const proxy = await RealProxy.start(t, 'nginx', limited, { target: port })
  const address = `http://localhost:${proxy.port}/`
  const { cause, remedy } = await diagnose(address)
  assert.equal(cause, 'cut-while-idle')
  const [line] = linesOf(remedy)
  await proxy.stop()
  proxy.configure(limited.replace('proxy_read_timeout 2s;', line), { target: port })
  await proxy.run()
  await isConnected(address, 6_000)
})

test('HAProxy that removes the header Upgrade', { skip: missing('haproxy') }, async (t) => {
  const { port } = await serve(t)
  const good = recipe('HAProxy', 'haproxy')
  const broken = good.replace('  server', '  http-request del-header Upgrade\n  server')
  const proxy = await RealProxy.start(t, 'haproxy', broken, { target: port })
  const address = `http://localhost:${proxy.port}/`
  assert.equal((await diagnose(address)).cause, 'upgrade-not-passed-on')
  await proxy.stop()
  proxy.configure(good, { target: port })
  await proxy.run()
  await isConnected(address)
})

test('Caddy that removes the header Upgrade', { skip: missing('caddy') }, async (t) => {
  const { port } = await serve(t)
  const good = recipe('Caddy', 'caddy')
  const broken = good.replace('reverse_proxy', 'request_header -Upgrade\n  reverse_proxy')
  const proxy = await RealProxy.start(t, 'caddy', broken, { target: port })
  const address = `http://localhost:${proxy.port}/`
  assert.equal((await diagnose(address)).cause, 'upgrade-not-passed-on')
  await proxy.stop()
  proxy.configure(good, { target: port })
  await proxy.run()
  await isConnected(address)
})

for (const name of ['nginx', 'caddy', 'haproxy']) {
  test(`https by ${name}, and the port behind it in clientPort`, {
    skip: missing(name),
  }, async (t) => {
    const { key, cert } = await selfSigned()
    const files = { '/path/to/cert.pem': cert, '/path/to/key.pem': key }
    files['/path/to/both.pem'] = `${cert}\n${key}`
    const heading = { nginx: 'nginx', caddy: 'Caddy', haproxy: 'HAProxy' }[name]
    const target = await freePort()
    const common = { port: target, strictPort: true }
    const { server } = await serve(t, { server: { ...common, ws: { clientPort: target } } })
    const proxy = await RealProxy.start(t, name, recipe(`${heading}, with https`, name), {
      target,
      files,
    })
    const address = `https://localhost:${proxy.port}/`
    const { cause, remedy } = await diagnose(address)
    assert.equal(cause, 'tls-in-front')
    await server.close()
    await serve(t, { server: { ...common, ...configOf(remedy[0]).server } })
    await isConnected(address)
  })
}

test('the terminal names the check when a page does not connect', {
  skip: missing('nginx'),
}, async (t) => {
  const site = await serveProject(t)
  const proxy = await RealProxy.start(t, 'nginx', PLAIN, { target: site.port })
  const address = `http://localhost:${proxy.port}/`
  await openTab(t, browser, address)
  await openTab(t, browser, address)
  const said = () => site.log.lines('warn', 'its WebSocket has not connected')
  await until(() => said().length > 0, 'the line', 40_000)
  assert.ok(said()[0].includes(`open ${address}__ws/check/`), said()[0])
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  assert.equal(said().length, 1)
})

/** Where the majors differ: in the name of the option. */
const MAJORS = [5, 6, 7, 8]
for (const major of MAJORS) {
  const place = new URL(`../parity/node_modules/vite${major}/dist/node/index.js`, import.meta.url)
  const skip = existsSync(place) ? false : `vite${major} is not there: npm run networks installs it`
  test(`lines of configuration mend it on Vite ${major}`, { skip }, async (t) => {
    const vite = await import(place)
    const option = major === 8 ? 'ws' : 'hmr'
    const port = await freePort()
    const front = await startFront(t, port, { isSecure: true })
    const common = { port, strictPort: true }
    const broken = { server: { ...common, [option]: { clientPort: await freePort() } } }
    const { server } = await serve(t, broken, {}, vite)
    const { cause, remedy } = await diagnose(front.address)
    assert.equal(cause, 'tls-in-front')
    assert.ok(remedy[0].startsWith(`server: { ${option}: {`), remedy[0])
    await server.close()
    await serve(t, { server: { ...common, ...configOf(remedy[0]).server } }, {}, vite)
    await isConnected(front.address)
  })

  test(`a proxy that drops Upgrade is named on Vite ${major}`, { skip }, async (t) => {
    const { port } = await serve(t, { base: '/app/' }, {}, await import(place))
    const fault = { dropsUpgrade: true }
    const { address } = await startFront(t, port, fault)
    assert.equal((await diagnose(`${address}/app/`)).cause, 'upgrade-not-passed-on')
    delete fault.dropsUpgrade
    await isConnected(`${address}/app/`)
  })
}
