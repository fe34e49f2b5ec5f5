import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { until } from '../support/deadline.mjs'
import { Program } from '../support/program.mjs'
import { dial, RawClient, REQUEST } from '../support/raw-client.mjs'

const CLIENTS = 500
const AT_ONCE = 50
const DESCRIPTORS = 64
const skip = process.platform !== 'linux' && 'the limits of a running process are set on Linux only'

for (const { name, resource, most, warning, fits } of [
  {
    name: 'without file descriptors',
    resource: 'nofile',
    most: DESCRIPTORS,
    warning: /no file descriptor is left.*ulimit -n/,
    fits: true,
  },
  {
    name: 'without threads',
    resource: 'nproc',
    most: 1,
    warning: /the system gives no thread.*ulimit -u/,
    fits: false,
  },
]) {
  test(`${name} clients are refused before the 101, and served again when there are`, {
    skip,
  }, async (t) => {
    const server = await Program.start(t, new URL('limited-server.mjs', import.meta.url))
    const { port } = server.about
    setLimit(server, resource, most)
    const { heard, refused } = await connectAll(t, port, CLIENTS)
    t.diagnostic(`of ${CLIENTS} clients ${heard.length} were served and ${refused} got a 503`)
    assert.ok(server.isAlive, server.output)
    assert.equal(heard.length > 0, fits)
    assert.ok(refused > 0)
    await eachIsHeard(heard)
    const { clients, refusals } = await server.ask('stats')
    assert.equal(clients, heard.length)
    assert.equal(refusals.exhausted, refused)

    setLimit(server, resource, hardLimit(resource))
    const late = await connectAll(t, port, AT_ONCE)
    assert.equal(late.heard.length, AT_ONCE)
    await eachIsHeard([...heard, ...late.heard])
    const warnings = await server.ask('warnings')
    assert.equal(warnings.length, 1, warnings.join('\n'))
    assert.match(warnings[0], warning)
  })
}

/** Sets a limit of the server's process, as the user that it runs as. */
function setLimit({ pid, about }, resource, most) {
  const { uid, gid } = about
  const args = ['--pid', String(pid), `--${resource}=${most}:`]
  const { status, stderr } = spawnSync('prlimit', args, { uid, gid })
  assert.equal(status, 0, String(stderr))
}

/** What a limit may be raised to. */
function hardLimit(resource) {
  const args = [`--${resource}`, '--raw', '--noheadings', '--output=HARD']
  return spawnSync('prlimit', args, { encoding: 'utf8' }).stdout.trim()
}

/** So many clients, some at a time: those that got a 101, and how many got a 503. */
async function connectAll(t, port, count) {
  const heard = []
  let refused = 0
  for (let number = 0; number < count; number += AT_ONCE) {
    const group = await Promise.all(Array.from({ length: AT_ONCE }, () => connect(t, port)))
    for (const { client, status } of group) {
      if (status === 101) heard.push(client)
      else if (status === 503) refused++
    }
  }
  return { heard, refused }
}

/** No status is that of a connection that Node itself could not accept. */
async function connect(t, port) {
  const client = new RawClient(dial(port))
  t.after(() => client.socket.destroy())
  client.write(REQUEST)
  await until(() => client.head !== null || client.socket.destroyed, 'an answer')
  return { client, status: client.head ? Number(client.head.split(' ')[1]) : undefined }
}

async function eachIsHeard(clients) {
  for (const [number, client] of clients.entries()) {
    assert.ok(!client.socket.destroyed, `client ${number}`)
    await client.roundTrip(number)
  }
}
