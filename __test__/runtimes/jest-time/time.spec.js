const { CHECKS } = require('../programs/time.cjs')

const load = () => ({
  ws: require('vite-native-ws/ws'),
  testing: require('vite-native-ws/testing'),
})
const advance = (milliseconds) => jest.advanceTimersByTime(milliseconds)

/** When time is faked, and how the package is had then. */
const TIMES = {
  'real time': () => load(),
  'time that is faked later'() {
    const loaded = load()
    jest.useFakeTimers()
    return { ...loaded, advance }
  },
  'time that was faked before the package was loaded'() {
    jest.useFakeTimers()
    jest.resetModules()
    return { ...load(), advance }
  },
}

afterEach(() => jest.useRealTimers())

describe.each(Object.keys(TIMES))('%s', (time) => {
  describe.each(['auto', 'bridge'])('transport %s', (transport) => {
    test.each(Object.keys(CHECKS))('%s', (name) => CHECKS[name](TIMES[time](), { transport }))
  })
})
