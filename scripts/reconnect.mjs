// The whole of __test__/reconnect: Chromium with every major of Vite, and ten times the random cuts
// of `npm test`. Arguments are handed on to node --test.
import { readdirSync } from 'node:fs'
import { installPackages, root, run } from './suite.mjs'

const folder = '__test__/reconnect'
const files = readdirSync(`${root}/${folder}`).filter((name) => name.endsWith('.test.mjs'))

// The majors of Vite.
installPackages('parity')
run(
  process.execPath,
  [
    '--test',
    '--test-concurrency=1',
    ...process.argv.slice(2),
    ...files.map((name) => `${folder}/${name}`),
  ],
  {
    env: {
      RECONNECT_MAJORS: '5,6,7,8',
      RECONNECT_CASES: '10000',
      RECONNECT_PAGES: '10000',
      ...process.env,
    },
  },
)
