// The walls between the rooms of lib/: what stands lower knows nothing of what stands above it.
// Each room may import the rooms named behind it, itself, and what every room shares.
const ROOMS = {
  native: [],
  http: ['native'],
  diagnostics: ['native'],
  connection: ['native'],
  ws: ['native', 'http', 'connection'],
  reconnect: ['native', 'http'],
  check: ['native', 'http', 'diagnostics', 'connection'],
  inspector: ['native', 'http', 'diagnostics', 'check'],
  vite: ['native', 'http', 'connection', 'ws', 'reconnect', 'diagnostics', 'check', 'inspector'],
  testing: ['vite'],
}

/** Files at the root of lib/ that every room may import. */
const SHARED = '^lib/(errors|logger|options|timers)\\.js$'

const rooms = Object.entries(ROOMS).map(([room, below]) => ({
  name: `wall-of-${room}`,
  comment: `lib/${room} imports only: ${[...below, 'what every room shares'].join(', ')}`,
  severity: 'error',
  from: { path: `^lib/${room}/` },
  to: {
    path: '^lib/',
    pathNot: [SHARED, ...[room, ...below].map((name) => `^lib/${name}/`)],
  },
}))

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'shared-files-know-no-room',
      comment:
        'errors, logger, options and timers are imported by all; of the rooms they know the defaults that the addon exports',
      severity: 'error',
      from: { path: SHARED },
      to: { path: '^lib/', pathNot: [SHARED, '^lib/native/'] },
    },
    {
      name: 'page-code-stands-alone',
      comment: 'code of the page reaches the browser as text: it imports its neighbours only',
      severity: 'error',
      from: { path: '^lib/(reconnect/browser|(inspector|check)/page)/' },
      to: { pathNot: '^lib/(reconnect/browser|(inspector|check)/page)/' },
    },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-room-without-walls',
      comment: 'a new folder of lib/ needs its walls above',
      severity: 'error',
      from: {},
      to: { path: '^lib/[^/]+/', pathNot: Object.keys(ROOMS).map((room) => `^lib/${room}/`) },
    },
    {
      name: 'no-package',
      comment: 'the published package has no JavaScript dependency at run time',
      severity: 'error',
      from: { path: '^lib/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg'] },
    },
    {
      name: 'only-the-addon-is-optional',
      severity: 'error',
      from: { path: '^lib/' },
      to: { couldNotResolve: true, pathNot: '\\.node$|^vite-native-ws-' },
    },
  ],
  options: { exclude: 'lib/native/native\\.js$', moduleSystems: ['cjs', 'es6'] },
}
