// Installs the packages that apps are made of, where they are missing or of other versions.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @param {string} name A folder in `packages/`. @returns {string} Its path. */
export function ensurePackages(name, say = console.log) {
  const folder = fileURLToPath(new URL(`./packages/${name}`, import.meta.url))
  const read = (file) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
  const isInstalled = ([dependency, wanted]) => {
    const file = `node_modules/${dependency}/package.json`
    return existsSync(`${folder}/${file}`) && read(file).version === wanted
  }
  if (Object.entries(read('package.json').dependencies).every(isInstalled)) return folder
  say(`installing the packages of ${name}`)
  // npm weighs what lies there against what is wanted, and may find no way.
  rmSync(`${folder}/node_modules`, { recursive: true, force: true })
  const args = ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, stderr } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm install failed in ${folder}:\n${stderr}`)
  return folder
}
