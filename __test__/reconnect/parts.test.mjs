// The page's decisions by themselves, with the time passed in.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { within } from '../support/deadline.mjs'

const require = createRequire(import.meta.url)
const { Liveness } = require('../../lib/reconnect/browser/liveness.js')
const { readMessage } = require('../../lib/reconnect/browser/message.js')
const { PageReload } = require('../../lib/reconnect/browser/page-reload.js')
const { settingsOf } = require('../../lib/reconnect/browser-source.js')
const { Unacknowledged } = require('../../lib/reconnect/browser/unacknowledged.js')

describe('messages', () => {
  const { texts } = settingsOf('socket')
  const control = (event, data) =>
    JSON.stringify({ type: 'custom', event: `vite-native-ws:${event}`, data })
  const numbered = '{"vite-native-ws":42,"type":"update"}'

  it('are told apart by their beginning', () => {
    const cases = {
      '{"type":"connected"}': { kind: 'raw', data: '{"type":"connected"}' },
      [numbered]: { kind: 'numbered', number: 42, data: numbered },
      '{"vite-native-ws":7}': { kind: 'numbered', number: 7, data: '{"vite-native-ws":7}' },
      [control('acknowledgement', 3)]: { kind: 'acknowledgement', count: 3 },
      [control('welcome', { seq: 1 })]: { kind: 'welcome', welcome: { seq: 1 } },
    }
    for (const [text, message] of Object.entries(cases))
      assert.deepEqual(readMessage(text, texts), message)
  })

  it('that are no message of ours stay what they are', () => {
    const others = ['', '{"vite-native-ws":x}', control('other', 1), `${control('welcome', 1)}}`]
    for (const data of [...others, new Uint8Array([1, 63])]) {
      assert.deepEqual(readMessage(data, texts), { kind: 'raw', data })
    }
  })
})

describe('unacknowledged messages', () => {
  const keep = (limits, ...messages) => {
    const sent = new Unacknowledged(limits)
    for (const message of messages) sent.keep(message)
    return sent
  }

  it('are dropped from the front, by the count that the server has taken', () => {
    const sent = keep({ maxMessages: 10, maxBytes: 100 }, 'a', 'bb', 'ccc')
    sent.acknowledge(2)
    sent.acknowledge(1)
    assert.deepEqual([sent.kept.map(({ data }) => data), sent.bytes], [['ccc'], 3])
    assert.deepEqual(
      [1, 2, 3, 4].map((count) => sent.canContinueFrom(count)),
      [false, true, true, false],
    )
  })

  it('are bounded in number and in size, but for the newest', () => {
    const many = keep({ maxMessages: 2, maxBytes: 100 }, 'a', 'b', 'c')
    assert.deepEqual([many.kept.length, many.dropped], [2, 1])
    const large = keep({ maxMessages: 10, maxBytes: 4 }, 'aaa', new Uint8Array(9).buffer)
    assert.deepEqual([large.kept.length, large.bytes, large.dropped], [1, 9, 1])
  })
})

describe('liveness', () => {
  const timing = { quiet: 10_000, answer: 5_000, urgentAnswer: 3_000, lateness: 2_000 }

  /** A clock that goes on when it is told to; `late` is how long the machine slept. */
  function watch({ setBack = 0 } = {}) {
    const log = []
    let time = 0
    let timer
    const liveness = new Liveness(timing, {
      now: () => (time > 0 ? time - setBack : time),
      setTimeout: (run, milliseconds) => {
        timer = { run, dueAt: time + milliseconds }
        return timer
      },
      clearTimeout: (cleared) => {
        if (timer === cleared) timer = undefined
      },
      probe: () => log.push(`probe ${time}`),
      lose: () => log.push(`lost ${time}`),
    })
    liveness.start()
    const next = (late = 0) => {
      const { run, dueAt } = timer
      timer = undefined
      time = dueAt + late
      run()
    }
    return {
      log,
      liveness,
      next,
      pass: (milliseconds) => {
        time += milliseconds
      },
    }
  }

  it('asks after 10 s of silence and gives up 5 s later', () => {
    const { log, next } = watch()
    next()
    next()
    assert.deepEqual(log, ['probe 10000', 'lost 15000'])
  })

  it('counts from the last message', () => {
    const { log, liveness, next, pass } = watch()
    pass(4_000)
    liveness.heard()
    next()
    assert.deepEqual(log, [])
    next()
    liveness.heard()
    next()
    assert.deepEqual(log, ['probe 14000'])
  })

  it('asks at once, for 3 s, after a timer that slept', () => {
    const { log, next } = watch()
    next(60_000)
    next()
    assert.deepEqual(log, ['probe 70000', 'lost 73000'])
  })

  it('asks again when it slept while it waited for an answer, once', () => {
    const { log, next } = watch()
    next()
    next(60_000)
    next(60_000)
    assert.deepEqual(log, ['probe 10000', 'probe 75000', 'lost 138000'])
  })

  it('asks at once for a reason to doubt', () => {
    const { log, liveness, next } = watch()
    liveness.doubt()
    next()
    assert.deepEqual(log, ['probe 0', 'lost 3000'])
  })

  it('does not wait an hour after the clock was set back by one', () => {
    const { log, next } = watch({ setBack: 3_600_000 })
    next()
    assert.deepEqual(log, ['probe 10000'])
  })
})

describe('a reload', () => {
  const answers = {
    'comes at once when the server answers': [async () => ({ ok: true }), 1],
    'waits for a server that refuses, within bounds': [() => Promise.reject(new TypeError()), 3],
    'waits for a server that says nothing, within bounds': [() => new Promise(() => {}), 3],
  }
  for (const [what, [fetch, tries]] of Object.entries(answers)) {
    it(what, async () => {
      let asked = 0
      const reloaded = new Promise((resolve) => {
        const page = { document: {}, location: { reload: resolve } }
        const ask = () => {
          asked += 1
          return fetch()
        }
        const settings = { reloadTries: 3, lastRetry: 1 }
        const host = { setTimeout, fetch: ask }
        new PageReload(page, host, settings, 'http://x/@vite/client').begin()
      })
      await within(reloaded, 'the reload')
      assert.equal(asked, tries)
    })
  }
})
