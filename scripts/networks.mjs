// Finds nginx, HAProxy and Caddy, or unpacks Debian's packages of them without installing any, and
// runs the recipes of docs/networks.md and the breakages that are theirs.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { missing } from '../__test__/networks/proxies.mjs'
import { installPackages, root, run } from './suite.mjs'

const PROXIES = ['nginx', 'haproxy', 'caddy']
/** HAProxy's libraries that no system has otherwise. */
const PACKAGES = [...PROXIES, 'liblua5.3-0', 'libopentracing1', 'libopentracing-c-wrapper0']
const tree = join(root, 'target/networks')

/** @returns {boolean} Whether all packages are in the tree. */
function unpack() {
  const folder = join(tree, 'packages')
  mkdirSync(folder, { recursive: true })
  const options = { cwd: folder, encoding: 'utf8' }
  const { status, stderr } = spawnSync('apt-get', ['download', '--quiet', ...PACKAGES], options)
  if (status !== 0) {
    console.log(`apt-get download failed, and what needs them is skipped: ${stderr?.trim() ?? ''}`)
    return false
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith('.deb'))
    .every((name) => spawnSync('dpkg-deb', ['-x', name, tree], options).status === 0)
}

installPackages('parity', 'neighbours')
const isAnyMissing = PROXIES.some((name) => missing(name))
const hasTree = existsSync(join(tree, 'usr')) || (isAnyMissing && unpack())
const flags = ['--test', '--test-concurrency=1', '--test-reporter=spec', '--test-timeout=600000']
const files = readdirSync(`${root}/__test__/networks`)
  .filter((name) => name.endsWith('.test.mjs'))
  .map((name) => `${root}/__test__/networks/${name}`)
run(process.execPath, [...flags, ...files], {
  env: { ...process.env, ...(hasTree ? { NETWORKS_TREE: tree } : {}) },
})
