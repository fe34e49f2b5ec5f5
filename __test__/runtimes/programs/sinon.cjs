'use strict'

// The checks of `time.cjs` under the clocks of sinon and of node:test, without a runner around them.
const { mock } = require('node:test')
const sinon = require('sinon')
const { CHECKS } = require('./time.cjs')

const load = () => ({
  ws: require('vite-native-ws/ws'),
  testing: require('vite-native-ws/testing'),
})

function sinonClock() {
  // Without `nextTick` none of Node's own sockets would do anything.
  const clock = sinon.useFakeTimers({ toNotFake: ['nextTick', 'queueMicrotask'] })
  return { advance: (milliseconds) => clock.tick(milliseconds), end: () => clock.restore() }
}

function nodeClock() {
  mock.timers.enable()
  return {
    advance: (milliseconds) => mock.timers.tick(milliseconds),
    end: () => mock.timers.reset(),
  }
}

async function main() {
  // The first loads the package under its clock.
  for (const fake of [sinonClock, nodeClock, sinonClock]) {
    for (const transport of ['auto', 'bridge']) {
      for (const [name, check] of Object.entries(CHECKS)) {
        const clock = fake()
        try {
          await check({ ...load(), advance: clock.advance }, { transport })
        } catch (error) {
          throw new Error(`${fake.name}, ${transport}: ${name}`, { cause: error })
        } finally {
          clock.end()
        }
      }
    }
  }
}

// If something is never called back, the process ends early.
process.exitCode = 1
main().then(() => {
  process.exitCode = 0
})
