// What a check tells, to whom, and what it does to the server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { Client } from '../support/client.mjs'
import { until } from '../support/deadline.mjs'
import { fetchText } from '../support/http.mjs'
import { serve } from './site.mjs'

async function begin(port) {
  const { body } = await fetchText({ port, path: '/__ws/check/' })
  const [, token] = /<meta name="check" content="([\w-]+)"/.exec(body)
  const headers = { 'X-Vite-Native-WS-Token': token }
  const ask = async (path) => fetchText({ port, path: `/__ws/check/${path}`, headers })
  return { ...JSON.parse((await ask('begin')).body), token, ask }
}

const attempt = (port, query) => new WebSocket(`ws://127.0.0.1:${port}/?${query}`, 'vite-hmr')

test('strangers are told nothing', async (t) => {
  const { port, token: viteToken } = await serve(t)
  const { id, token } = await begin(port)
  const own = `127.0.0.1:${port}`
  const headers = { 'X-Vite-Native-WS-Token': token, Host: own }
  const paths = ['/__ws/check', '/__ws/check/', '/__ws/check/check.mjs', '/__ws/check/begin']
  for (const path of [...paths, `/__ws/check/seen/${id}`]) {
    for (const foreign of [{ Origin: 'http://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
      const { status } = await fetchText({ port, path, headers: { ...headers, ...foreign } })
      assert.equal(status, 400, `${path} ${JSON.stringify(foreign)}`)
    }
    const rebound = await fetchText({ port, path, headers: { ...headers, Host: 'evil.example' } })
    assert.equal(rebound.status, 403, path)
  }
  for (const wrong of ['', viteToken, `${token}x`]) {
    for (const path of ['/__ws/check/begin', `/__ws/check/seen/${id}`]) {
      const answer = await fetchText({ port, path, headers: { 'X-Vite-Native-WS-Token': wrong } })
      assert.equal(answer.status, 400)
    }
  }
  const { headers: sent } = await fetchText({ port, path: '/__ws/check/' })
  assert.match(sent['content-security-policy'], /default-src 'none'.*frame-ancestors/)
  assert.equal(sent['cross-origin-resource-policy'], 'same-origin')
})

test('what the server saw has no token, and is that of the check alone', async (t) => {
  const { port, token: viteToken } = await serve(t)
  const [one, other] = [await begin(port), await begin(port)]
  const query = `token=${viteToken}&${one.parameter}=${one.id}.first`
  const socket = attempt(port, query)
  t.after(() => socket.terminate())
  await until(() => socket.readyState === WebSocket.OPEN, 'the attempt to open')
  const seen = await one.ask(`seen/${one.id}`)
  assert.equal(JSON.parse(seen.body)[0].result, 'accepted')
  for (const secret of [viteToken, one.token, one.id]) assert.ok(!seen.body.includes(secret))
  assert.equal((await other.ask(`seen/${other.id}`)).body, '[]')
  assert.equal((await other.ask('seen/unknown')).status, 404)
})

test('an attempt obeys the rules of the socket', async (t) => {
  const { port } = await serve(t)
  const { id, parameter, ask } = await begin(port)
  for (const [name, headers] of [
    ['token', { Origin: `http://127.0.0.1:${port}` }],
    ['host', { Host: 'evil.example' }],
  ]) {
    const url = `ws://127.0.0.1:${port}/?token=wrong&${parameter}=${id}.${name}`
    const socket = new WebSocket(url, 'vite-hmr', { headers })
    const error = await new Promise((resolve) => socket.on('error', resolve))
    assert.match(error.message, /400/)
  }
  const reasons = JSON.parse((await ask(`seen/${id}`)).body).map(({ reason }) => reason)
  assert.deepEqual(reasons, ['token mismatch', 'host not allowed'])
})

test('an attempt is no client: plugins do not see it, and it takes nothing from one', async (t) => {
  const { port, ws } = await serve(t)
  const { id, parameter } = await begin(port)
  let connections = 0
  ws.on('connection', () => connections++)
  ws.send({ type: 'error', err: { message: 'waits for a client', stack: '' } })
  const socket = attempt(port, `${parameter}=${id}.first`)
  t.after(() => socket.terminate())
  const messages = []
  socket.on('message', (data) => messages.push(JSON.parse(data)))
  await until(() => messages.length === 2, 'both messages')
  assert.deepEqual(messages, [{ type: 'connected' }, { type: 'connected' }])
  assert.deepEqual([connections, ws.clients.size, ws.stats().clients], [0, 0, 0])
  const client = await Client.connect(port)
  await client.find('error')
  assert.equal(connections, 1)
})

test('an attempt is pinged as a client is', async (t) => {
  const { port } = await serve(t, {}, { keepalive: 300 })
  const { id, parameter } = await begin(port)
  const socket = attempt(port, `${parameter}=${id}.first`)
  t.after(() => socket.terminate())
  let pings = 0
  socket.on('ping', () => pings++)
  await until(() => pings > 1, 'pings')
  assert.equal(socket.readyState, WebSocket.OPEN)
})

test('checks, and what is kept of one, are bounded', async (t) => {
  const { port } = await serve(t)
  const first = await begin(port)
  for (let count = 0; count < 16; count++) await first.ask('begin')
  assert.equal((await first.ask(`seen/${first.id}`)).status, 404)
  const { id, parameter, ask } = await begin(port)
  for (let count = 0; count < 70; count++) {
    await fetchText({ port, path: `/?${parameter}=${id}.plain${count}` })
  }
  assert.equal(JSON.parse((await ask(`seen/${id}`)).body).length, 64)
})

test('without the inspector there is no check', async (t) => {
  const { port } = await serve(t, {}, { inspector: false })
  const { body } = await fetchText({ port, path: '/__ws/check/' })
  assert.doesNotMatch(body, /name="check"/)
})
