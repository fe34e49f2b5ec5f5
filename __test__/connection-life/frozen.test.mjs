import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from '../support/client.mjs'
import { until, within } from '../support/deadline.mjs'
import { median, ms } from '../support/figures.mjs'
import { serve, TRANSPORTS } from '../support/server.mjs'
import { startClient } from './servers.mjs'

const KEEPALIVE_MS = 800
/** How often the server looks at its connections (`Config::tick`). */
const TICK_MS = KEEPALIVE_MS / 8
const ROUNDS = 5

for (const { transport, counted } of TRANSPORTS) {
  const on = (name) => `${name} (${counted})`
  const options = { transport, keepalive: KEEPALIVE_MS }

  test(on('a stopped client is gone within two periods and a tick'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const left = []
    ws.on('vite:client:disconnect', (_data, client) => left.push(client))
    const times = []
    for (let round = 0; round < ROUNDS; round++) {
      const { program, client } = await joined(t, ws, port)
      const gone = new Promise((resolve) => {
        client.socket.on('close', (code) => resolve({ code, at: performance.now() }))
      })
      await heard(client)
      program.kill('SIGSTOP')
      const stopped = performance.now()
      const { code, at } = await within(gone, 'the end of the stopped client')
      times.push(at - stopped)
      assert.equal(code, 1006)
      await until(() => left.length > round, 'the disconnect event')
      assert.ok(!ws.clients.has(client))
      program.kill('SIGCONT')
      assert.equal(await program.ask('closeCode'), 1006)
    }
    // Whatever else would be said of the stopped ones has been said when this one has left.
    const witness = await Client.connect(port)
    witness.socket.close()
    await until(() => left.length > ROUNDS, "the witness's disconnect event")
    assert.equal(new Set(left).size, ROUNDS + 1, 'each disconnects once')
    assert.equal(left.length, ROUNDS + 1, 'each disconnects once')
    assert.equal(ws.stats().keepaliveTimeouts, ROUNDS)
    assert.equal(ws.clients.size, 0)

    t.diagnostic(`gone after ${times.map(ms).join(', ')} with keepalive ${KEEPALIVE_MS} ms`)
    assert.ok(median(times) <= 2 * KEEPALIVE_MS + TICK_MS, `median ${ms(median(times))}`)
    const tooEarly = times.filter((time) => time < 2 * KEEPALIVE_MS - TICK_MS)
    assert.deepEqual(tooEarly, [], 'none is given up before two periods of silence')
  })

  test(on('a client that is continued in time stays'), async (t) => {
    const { ws, port } = await serve(t, { options })
    const left = []
    ws.on('vite:client:disconnect', (_data, client) => left.push(client))
    const { program, client } = await joined(t, ws, port)
    for (let round = 0; round < ROUNDS; round++) {
      await heard(client)
      program.kill('SIGSTOP')
      // The point is the time: longer than the period after which it is pinged, shorter than two.
      await delay(1.5 * KEEPALIVE_MS)
      program.kill('SIGCONT')
      await heard(client)
    }
    assert.deepEqual([...ws.clients], [client])
    assert.deepEqual(left, [])
    assert.equal(ws.stats().keepaliveTimeouts, 0)
  })
}

/** A client in a process of its own, and what the server has of it. */
async function joined(t, ws, port) {
  const before = ws.clients
  const program = await startClient(t, port)
  const [client] = [...ws.clients].filter((each) => !before.has(each))
  return { program, client }
}

/** The silence of a client begins anew with its pong. */
function heard(client) {
  return within(new Promise((resolve) => client.socket.once('pong', resolve)), 'a pong')
}
