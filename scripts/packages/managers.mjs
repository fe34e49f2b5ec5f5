// The package managers that a user may install with, and how each is told to.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npmCommand, run } from './commands.mjs'

/**
 * @typedef {object} Manager
 * @property {string} name
 * @property {string} [package] what to get it from; npm is there with Node
 * @property {(install: Install) => [string, string[]]} install
 * @property {(install: Install) => void} [prepare]
 * @property {(install: Install) => [string, string[]]} vite how Vite is started
 *
 * @typedef {object} Install
 * @property {string} app
 * @property {string} registry
 * @property {string} cache a folder of this run
 * @property {string} tool the manager's own file
 * @property {string[]} packages
 */

/** How Vite is started where a manager puts packages on the disk. */
export const viteOnDisk = ({ app }) => [
  process.execPath,
  [join(app, 'node_modules/vite/bin/vite.js')],
]

/** @type {Manager[]} */
export const managers = [
  {
    name: 'npm',
    install: ({ registry, cache, packages }) => {
      // In the user's own cache npm would find our tarballs without asking for them.
      const where = [`--registry=${registry}`, `--cache=${cache}`]
      return npmCommand('install', '-D', ...packages, ...where, '--no-audit', '--no-fund')
    },
    vite: viteOnDisk,
  },
  {
    name: 'pnpm',
    package: 'pnpm@10',
    install: ({ tool, registry, cache, packages }) => [
      process.execPath,
      [tool, 'add', '-D', ...packages, `--registry=${registry}`, `--store-dir=${cache}`],
    ],
    vite: viteOnDisk,
  },
  {
    name: 'yarn',
    package: '@yarnpkg/cli-dist@4',
    prepare: (install) => configureYarn(install, 'node-modules'),
    install: ({ tool, packages }) => [process.execPath, [tool, 'add', '-D', ...packages]],
    vite: viteOnDisk,
  },
  {
    name: 'yarn pnp',
    package: '@yarnpkg/cli-dist@4',
    prepare: (install) => configureYarn(install, 'pnp'),
    install: ({ tool, packages }) => [process.execPath, [tool, 'add', '-D', ...packages]],
    vite: ({ tool }) => [process.execPath, [tool, 'run', 'vite']],
  },
]

/** The files that start the managers; for one that can't be had, the reason. */
const files = {
  'pnpm@10': 'pnpm/bin/pnpm.cjs',
  '@yarnpkg/cli-dist@4': '@yarnpkg/cli-dist/bin/yarn.js',
}

/**
 * @param {Manager} manager
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} the manager's own file
 */
export async function fetchTool(manager, folder, env) {
  if (!manager.package) return ''
  const args = [
    'install',
    '--prefix',
    folder,
    manager.package,
    '--no-audit',
    '--no-fund',
    '--fetch-retries=1',
  ]
  await run(npmCommand(...args), { cwd: folder, env })
  return join(folder, 'node_modules', files[manager.package])
}

function configureYarn({ app, registry, cache }, nodeLinker) {
  const settings = {
    nodeLinker,
    npmRegistryServer: registry.replace(/\/$/, ''),
    unsafeHttpWhitelist: ['127.0.0.1'],
    globalFolder: cache,
    enableGlobalCache: true,
    // Releases of this very minute are what is tested.
    npmMinimalAgeGate: 0,
    enableTelemetry: false,
    enableImmutableInstalls: false,
  }
  // YAML reads JSON.
  writeFileSync(join(app, '.yarnrc.yml'), `${JSON.stringify(settings, null, 2)}\n`)
  // Else it takes the app for a part of whatever project is above it.
  writeFileSync(join(app, 'yarn.lock'), '')
}
