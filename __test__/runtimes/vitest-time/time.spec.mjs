import { createRequire } from 'node:module'
import { afterEach, describe, test, vi } from 'vitest'
import { CHECKS } from '../programs/time.cjs'

const require = createRequire(import.meta.url)
const load = () => ({
  ws: require('vite-native-ws/ws'),
  testing: require('vite-native-ws/testing'),
})
const advance = (milliseconds) => vi.advanceTimersByTime(milliseconds)

/** When time is faked, and how the package is had then. */
const TIMES = {
  'real time': () => load(),
  'time that is faked later'() {
    const loaded = load()
    vi.useFakeTimers()
    return { ...loaded, advance }
  },
  'time that was faked before the package was loaded'() {
    vi.useFakeTimers()
    for (const path of Object.keys(require.cache)) {
      if (/vite-native-ws.lib/.test(path)) delete require.cache[path]
    }
    return { ...load(), advance }
  },
}

afterEach(() => vi.useRealTimers())

for (const [time, take] of Object.entries(TIMES)) {
  for (const transport of ['auto', 'bridge']) {
    describe(`${time}, transport ${transport}`, () => {
      for (const [name, check] of Object.entries(CHECKS))
        test(name, () => check(take(), { transport }))
    })
  }
}
