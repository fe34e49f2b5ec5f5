// One case of the property test: messages both ways through a proxy that breaks, drawn from a seed.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../support/deadline.mjs'
import { PageSocket } from './page.mjs'
import { Random } from './random.mjs'

const DEADLINE_MS = 60_000
const MOST_MESSAGES = 8
const MIB = 1024 * 1024
/** What a handshake is, either way, at most. */
const HANDSHAKE_BYTES = 400
/** More than the server's welcome is. */
const HELLO_BYTES = 200

/** What happens in a case; nothing in it depends on time or on the machine. */
export function drawCase(seed) {
  const random = new Random(seed)
  const down = drawMessages(random)
  const up = drawMessages(random)
  const faults = Array.from({ length: random.between(1, 3) }, (_, index) =>
    drawFault(random, index, { down, up }),
  )
  // The order of the two directions among each other, and where others get a turn in between.
  const steps = []
  for (let d = 0, u = 0; d < down.length || u < up.length; ) {
    const isDown = u === up.length || (d < down.length && random.chance(0.5))
    steps.push({ ...(isDown ? down[d++] : up[u++]), isDown, pause: drawPause(random) })
  }
  return { seed, down, up, faults, steps }
}

function drawMessages(random) {
  const hasHuge = random.chance(0.03)
  const count = random.between(1, MOST_MESSAGES)
  const huge = hasHuge ? random.between(0, count - 1) : -1
  return Array.from({ length: count }, (_, number) => {
    const size = number === huge ? random.between(MIB / 2, MIB) : drawSize(random)
    return { number, size, isCustom: random.chance(0.3) }
  })
}

function drawSize(random) {
  return random.chance(0.9) ? random.between(0, 1_500) : random.between(0, 80_000)
}

function drawPause(random) {
  return random.pick(['none', 'none', 'turn', 'turn', 'short', 'short'])
}

// The first connection is the page's own affair until the welcome. Later a page cannot tell a refusal
// from a handshake that was cut, so two of those in a row would end it.
function drawFault(random, index, messages) {
  const direction = random.pick(['up', 'down'])
  const total = messages[direction].reduce((sum, { size }) => sum + size + 60, 0)
  const isEarly = index === 1 && random.chance(0.4)
  const most = isEarly ? HANDSHAKE_BYTES : Math.max(HELLO_BYTES + 1, total)
  const least = index === 0 && direction === 'down' ? HELLO_BYTES : 1
  // As likely in the first hundred bytes as in the first megabyte.
  const bytes = Math.floor(least * (most / least) ** random.next())
  const kind = random.chance(0.03) ? 'hang' : random.pick(['end', 'reset'])
  return { direction, bytes, isEarly, kind }
}

/** Plays a case against a real server and judges what came through. */
export async function playCase({ seed, down, up, faults, steps }, { ws, proxy, inbox }) {
  const waitingFaults = [...faults]
  proxy.onLink = (link) => {
    link.fault = waitingFaults[0]
    link.onFailed = () => waitingFaults.shift()
  }
  const page = new PageSocket(`ws://127.0.0.1:${proxy.port}/?case=${seed}`)
  try {
    await until(() => page.isWelcome || page.events.includes('close'), 'the welcome')
    assert.ok(page.isWelcome, 'the first connection failed')
    for (const step of steps) {
      const payload = payloadOf(seed, step)
      if (step.isDown) ws.send(payload)
      else page.socket.send(JSON.stringify({ ...payload, type: 'custom', event: 'case:up' }))
      if (step.pause === 'turn') await new Promise(setImmediate)
      if (step.pause === 'short') await delay(2)
    }
    const received = () => page.messages.slice(1)
    // Faults beyond the bytes of this case never come; a late duplicate would be before a mark.
    ws.send({ type: 'update', updates: [], mark: true })
    page.emit('case:up', { seed, mark: true })
    await until(
      () =>
        page.events.includes('close') ||
        (isMark(received().at(-1)) && inbox.get(seed)?.at(-1)?.mark),
      () =>
        `everything of ${down.length} down and ${up.length} up: ` +
        `${received().length - 1} and ${(inbox.get(seed)?.length ?? 0) - 1} came`,
      DEADLINE_MS,
    )
    assert.deepEqual(page.events, ['open'], 'Vite noticed')
    assert.deepEqual(
      received().map((text) => nameOf(JSON.parse(text))),
      [...down.map((message) => nameOf(payloadOf(seed, message))), 'mark'],
      'towards the page',
    )
    assert.deepEqual(
      inbox.get(seed).map((data) => nameOf({ data })),
      [...up.map((message) => nameOf(payloadOf(seed, message))), 'mark'],
      'towards the server',
    )
    return { faults: faults.length - waitingFaults.length }
  } finally {
    inbox.delete(seed)
    page.socket.close()
    for (const link of proxy.links) link.destroy()
  }
}

function payloadOf(seed, { number, size, isCustom }) {
  const data = { seed, number, text: 'x'.repeat(size) }
  return isCustom
    ? { type: 'custom', event: 'case:down', data }
    : { type: 'update', updates: [], data }
}

/** Everything of a payload that can go wrong, in a form that fits in a message. */
function nameOf({ mark, data }) {
  return mark || data?.mark ? 'mark' : `${data.seed}:${data.number} of ${data.text.length}`
}

function isMark(text) {
  return text?.includes('"mark":true')
}
