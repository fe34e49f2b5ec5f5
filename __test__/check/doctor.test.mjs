// The command of the terminal.
import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Child } from '../support/child.mjs'
import { startVite } from '../support/dev-server.mjs'
import { freePort, listen } from '../support/port.mjs'
import { startFront } from './front.mjs'
import { serve } from './site.mjs'

const DOCTOR = fileURLToPath(new URL('../../lib/check/doctor.mjs', import.meta.url))

async function doctor(...args) {
  const child = new Child(process.execPath, [DOCTOR, ...args])
  const { code } = await child.exit
  return { code, output: child.output, stdout: child.stdout }
}

test('it exits with 0 and says so where a page would connect', async (t) => {
  const { port, address } = await serve(t)
  const { code, output } = await doctor('doctor', '--quick', `127.0.0.1:${port}`)
  assert.equal(code, 0, output)
  assert.match(output, new RegExp(`It connects, at ws://127.0.0.1:${port}/`))
  assert.equal((await doctor('doctor', '--quick', address)).code, 0)
})

test('it exits with 1 and says why, and what to do, where a page would not', async (t) => {
  const { port } = await serve(t)
  const { address } = await startFront(t, port, { dropsUpgrade: true })
  const { code, output } = await doctor('doctor', address)
  assert.equal(code, 1, output)
  assert.match(output, /The proxy does not pass the upgrade on/)
  assert.match(output, /Upgrade: websocket/)
})

test('as JSON it has the facts and the diagnosis, and no token', async (t) => {
  const { port, token } = await serve(t)
  const { address } = await startFront(t, port, { dropsUpgrade: true })
  const { code, stdout } = await doctor('doctor', '--json', address)
  assert.equal(code, 1)
  const { diagnosis, results, server } = JSON.parse(stdout)
  assert.equal(diagnosis.cause, 'upgrade-not-passed-on')
  assert.deepEqual([results[0].name, server.option], ['first', 'ws'])
  assert.ok(!stdout.includes(token))
})

test('it finds the client by the page where there is a base that the address does not have', async (t) => {
  const { port } = await serve(t, { base: '/app/' })
  const page = http.createServer((_, response) =>
    response.end(`<script type="module" src="http://127.0.0.1:${port}/app/@vite/client"></script>`),
  )
  t.after(() => page.close())
  const { code, output } = await doctor('doctor', '--quick', `127.0.0.1:${await listen(page)}`)
  assert.equal(code, 0, output)
})

test('it finds the client of a bundled dev server', async (t) => {
  const { port } = await serve(t, { base: '/app/', experimental: { bundledDev: true } })
  const { code, output } = await doctor('doctor', '--quick', `127.0.0.1:${port}/app/`)
  assert.equal(code, 0, output)
  assert.match(output, /the server accepted it/)
})

test("it works with Vite's own server, and says that nobody was asked", async (t) => {
  const { port } = await startVite(t)
  const { code, output } = await doctor('doctor', '--quick', `127.0.0.1:${port}`)
  assert.equal(code, 0, output)
  assert.match(output, /The dev server was not asked/)
  const { address } = await startFront(t, port, { dropsUpgrade: true })
  const broken = await doctor('doctor', address)
  assert.equal(broken.code, 1)
  assert.match(broken.output, /does not pass the upgrade on/)
})

test('it says that nothing answers where nothing does, and how it is used', async () => {
  const { code, output } = await doctor('doctor', `127.0.0.1:${await freePort()}`)
  assert.deepEqual([code, /ECONNREFUSED/.test(output)], [1, true])
  const wrongs = [
    [[], /^Usage: /],
    [['doctor'], /an address is missing/],
    [['examine', 'localhost'], /there is no command examine/],
    [['doctor', 'a', 'b'], /one address is expected/],
    [['doctor', 'ftp://localhost'], /ftp:\/\/localhost is no address/],
    [['doctor', 'localhost:99999'], /localhost:99999 is no address/],
    [['doctor', '--no', 'localhost'], /--no/],
  ]
  for (const [args, expected] of wrongs) {
    const wrong = await doctor(...args)
    assert.equal(wrong.code, 2, args.join(' '))
    assert.match(wrong.output, expected)
    assert.match(wrong.output, /^Usage: /m)
  }
  assert.equal((await doctor('-h')).code, 0)
})

test('it takes a port for one of this machine, and says when TLS is not spoken there', async (t) => {
  const { port } = await startVite(t)
  const byPort = await doctor('doctor', '--quick', `${port}`)
  assert.equal(byPort.code, 0, byPort.output)
  const { code, output } = await doctor('doctor', `https://localhost:${port}`)
  assert.equal(code, 1)
  assert.match(output, /does not speak https .*\n.*try http:\/\/localhost/)
})

test('what the other end says cannot steer the terminal, nor add to lines that are copied', async (t) => {
  const page = http.createServer((_, response) =>
    response.writeHead(403).end("Blocked request. This host (a'], x: [\u001b[2J) is not allowed"),
  )
  t.after(() => page.close())
  const { code, output } = await doctor('doctor', `127.0.0.1:${await listen(page)}`)
  assert.equal(code, 1)
  assert.ok(!output.includes('\u001b'), JSON.stringify(output))
  assert.match(output, /allowedHosts: \['[\w.:[\]-]*'\] \}$/m)
})
