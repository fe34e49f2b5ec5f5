import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { useChromium } from '../support/browser.mjs'
import { until } from '../support/deadline.mjs'
import { startDevServer, TRANSPORTS } from './servers.mjs'

const MIB = 1024 * 1024
const EDITS = 5
const KEEPALIVE_MS = 800
const PERIODS = 6
/** Messages of 1 MiB: more than the kernel and the browser hold, less than the high-water mark. */
const WAITING = 6
const BROADCASTS = 8
/** Vite's watcher drops a change that follows another of the same file too closely. */
const BETWEEN_EDITS_MS = 200
/** What the browser itself takes for a paused page is its own affair, but not without end. */
const MOST_BROADCASTS = 1024

const browser = useChromium()

for (const transport of TRANSPORTS) {
  test(`a tab paused in the debugger ends on the right page (${transport})`, async (t) => {
    const { server, edit } = await startDevServer(t, transport, { watch: true })
    await until(() => server.ask('isWatching'), 'the file watcher')
    const [paused, healthy] = [await open(t, server), await open(t, server)]
    for (const page of [paused, healthy]) await shows(page, 'one', 'first')

    const debugging = await pause(paused)
    let sent = 0
    const overflow = async () => {
      const { droppedMessages } = await server.ask('stats')
      for (let dropped = droppedMessages; dropped === droppedMessages; ) {
        assert.ok(sent < MOST_BROADCASTS, 'nothing was dropped')
        const to = sent + BROADCASTS
        await server.ask('broadcast', { event: 'big', from: sent, to, bytes: MIB })
        await healthy.waitForFunction((number) => window.big >= number, to - 1)
        sent = to
        dropped = (await server.ask('stats')).droppedMessages
      }
    }
    for (let number = 1; number <= EDITS; number++) {
      edit('one', `edit ${number}`)
      await shows(healthy, 'one', `edit ${number}`)
      await delay(BETWEEN_EDITS_MS)
      if (number > 1) await overflow()
    }
    // Of this module the paused tab has never heard: without a reload it would show the old one.
    edit('two', 'last')
    await shows(healthy, 'two', 'last')

    const { droppedMessages } = await server.ask('stats')
    await debugging.send('Debugger.resume')
    await debugging.detach()
    await shows(paused, 'two', 'last')
    await shows(paused, 'one', `edit ${EDITS}`)
    assert.ok(droppedMessages > 0)
    assert.ok(await healthy.evaluate(() => window.isFirst), 'the healthy tab was not reloaded')
    assert.ok(!(await paused.evaluate(() => window.isFirst)), 'the paused one was')
    edit('two', 'after')
    for (const page of [paused, healthy]) await shows(page, 'two', 'after')
    t.diagnostic(
      `${EDITS + 1} edits and ${sent} MiB broadcast; ${droppedMessages} messages dropped`,
    )
  })
}

for (const transport of TRANSPORTS) {
  test(`a tab at a breakpoint is kept, and gets all that waits (${transport})`, async (t) => {
    const options = { keepalive: KEEPALIVE_MS }
    const { server } = await startDevServer(t, transport, { options })
    const page = await open(t, server)
    const debugging = await pause(page)
    await server.ask('broadcast', { event: 'big', from: 0, to: WAITING, bytes: MIB })
    // The point is the time: thrice as long as would end a frozen client.
    await delay(PERIODS * KEEPALIVE_MS)
    const { keepaliveTimeouts, droppedMessages, clients } = await server.ask('stats')
    assert.deepEqual([keepaliveTimeouts, droppedMessages, clients], [0, 0, 1])
    await debugging.send('Debugger.resume')
    await debugging.detach()
    await page.waitForFunction((number) => window.big === number, WAITING - 1)
    assert.ok(await page.evaluate(() => window.isFirst), 'it was not reloaded')
  })
}

async function open(t, server) {
  const page = await browser.newPage()
  t.after(() => page.close())
  await page.goto(server.about.url)
  await page.waitForFunction(() => window.ask)
  await page.evaluate(() => Object.assign(window, { isFirst: true }))
  return page
}

/** Stops the page at its next statement, as a breakpoint would. */
async function pause(page) {
  const session = await page.context().newCDPSession(page)
  const isPaused = new Promise((resolve) => session.once('Debugger.paused', resolve))
  await session.send('Debugger.enable')
  await session.send('Debugger.pause')
  // Something has to run to be stopped.
  session.send('Runtime.evaluate', { expression: '0' }).catch(() => {})
  await isPaused
  return session
}

async function shows(page, id, value) {
  const shown = () => page.textContent(`#${id}`, { timeout: 1000 }).catch(() => undefined)
  await until(async () => (await shown()) === value, `module ${id} to be "${value}" on the page`)
}
