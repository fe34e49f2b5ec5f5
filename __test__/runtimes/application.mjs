// A folder outside the repository with the package in its node_modules, as its users have it.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const suite = fileURLToPath(new URL('.', import.meta.url))
const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Where what is not ours comes from. */
const NEIGHBOURS = {
  '@happy-dom/jest-environment': join(suite, 'node_modules/@happy-dom/jest-environment'),
  'happy-dom': join(suite, 'node_modules/happy-dom'),
  jest: join(suite, 'node_modules/jest'),
  'jest-environment-jsdom': join(suite, 'node_modules/jest-environment-jsdom'),
  jsdom: join(suite, 'node_modules/jsdom'),
  sinon: join(suite, 'node_modules/sinon'),
  vite: join(repository, 'node_modules/vite'),
  vitest: join(suite, 'node_modules/vitest'),
  ws: join(repository, 'node_modules/ws'),
}

/**
 * @param {object} [what]
 * @param {string[]} [what.neighbours] Packages beside ours.
 * @param {string[]} [what.folders] Copied into it; named from the root of the repository.
 */
export function makeApplication({ neighbours = Object.keys(NEIGHBOURS), folders = [] } = {}) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'runtimes-')))
  const modules = join(root, 'node_modules')
  mkdirSync(modules)
  copyPackage(join(modules, 'vite-native-ws'))
  for (const name of neighbours) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(NEIGHBOURS[name], join(modules, name), 'junction')
  }
  for (const folder of folders) {
    cpSync(join(repository, folder), join(root, folder.split('/').at(-1)), { recursive: true })
  }
  const remove = () => rmSync(root, { recursive: true, force: true, maxRetries: 10 })
  return { root, path: (...names) => join(root, ...names), remove }
}

/** What npm would install of this package, the binary included. */
function copyPackage(target) {
  const { files } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
  const included = files.filter((name) => !name.startsWith('!'))
  for (const name of ['package.json', ...included]) {
    mkdirSync(dirname(join(target, name)), { recursive: true })
    cpSync(join(repository, name), join(target, name), { recursive: true })
  }
}
